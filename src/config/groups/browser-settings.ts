import { hostPort, listenAddress, origin } from '../kinds/address-kinds.ts'
import { integer, list, size, text } from '../kinds/kinds.ts'
import { setting } from '../setting.ts'

/** The listeners for browsers and other clients. */
export const browserSettings = {
  title: 'Browsers and interfaces',
  settings: {
    p2p_httpListenAddress: setting(listenAddress(), {
      description: 'Listen address of the dashboard and the WebSocket.',
      default: ':9906',
      example: '127.0.0.1:9906',
    }),
    p2p_httpAddress: setting(hostPort(), {
      description: 'Address under which clients reach the dashboard and the WebSocket.',
      default: 'localhost:9906',
      status: 'later',
    }),
    ws_max_clients: setting(integer(1), { description: 'Maximum number of WebSocket clients at one time.', default: '10000' }),
    ws_max_backpressure_bytes: setting(size(16_384), {
      description: 'Maximum number of bytes queued for one WebSocket client. A client that falls further behind is disconnected.',
      default: '1MiB',
    }),
    ws_allowed_origins: setting(list(origin()), {
      description: 'Origins of web pages that may connect to the WebSocket; `*` allows all. Empty: only pages from the same host.',
      default: '',
      example: 'https://explorer.example.org',
    }),
    securityLevelHTTP: setting(integer(0, 2), {
      description: 'Above 0, the dashboard and the WebSocket are served with TLS.',
      default: '0',
    }),
    server_certFile: setting(text(), {
      description: 'PEM file of the TLS certificate for the dashboard, the WebSocket and gRPC.',
      default: '',
    }),
    server_keyFile: setting(text(), { description: 'PEM file of the private key of `server_certFile`.', default: '' }),
    p2p_grpcAddress: setting(hostPort(), {
      description: 'Address under which clients reach gRPC.',
      default: 'localhost:9904',
      status: 'later',
    }),
  },
}
