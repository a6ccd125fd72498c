import { hostPort, listenAddress, origin } from '../kinds/address-kinds.ts'
import { integer, list, size, text } from '../kinds/kinds.ts'
import { setting } from '../setting.ts'

/** What browsers and other clients connect to. */
export const browserSettings = {
  title: 'Browsers and interfaces',
  settings: {
    p2p_httpListenAddress: setting(listenAddress(), {
      description: 'Where the dashboard and the WebSocket are served.',
      default: ':9906',
      example: '127.0.0.1:9906',
    }),
    p2p_httpAddress: setting(hostPort(), {
      description: 'The same as others reach it.',
      default: 'localhost:9906',
      status: 'later',
    }),
    ws_max_clients: setting(integer(1), { description: 'Most WebSocket clients at one time.', default: '10000' }),
    ws_max_backpressure_bytes: setting(size(16_384), {
      description: 'A client that has this much waiting for it is too slow and is closed.',
      default: '1MiB',
    }),
    ws_allowed_origins: setting(list(origin()), {
      description: 'Origins of web pages that may connect; `*` for all. Empty allows pages from the same host only.',
      default: '',
      example: 'https://explorer.example.org',
    }),
    securityLevelHTTP: setting(integer(0, 2), {
      description: 'Above 0, HTTP and WebSocket are served with TLS.',
      default: '0',
    }),
    server_certFile: setting(text(), { description: 'PEM file of the certificate for it.', default: '' }),
    server_keyFile: setting(text(), { description: 'PEM file of its private key.', default: '' }),
    p2p_grpcListenAddress: setting(listenAddress(), {
      description: 'Where gRPC is served.',
      default: ':9904',
      status: 'later',
    }),
    p2p_grpcAddress: setting(hostPort(), {
      description: 'The same as others reach it.',
      default: 'localhost:9904',
      status: 'later',
    }),
  },
}
