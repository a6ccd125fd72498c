import { cidr, hostPort, listenAddress, origin } from '../kinds/address-kinds.ts'
import { flag, integer, list, shaped, size, sizeOrAuto, text } from '../kinds/kinds.ts'
import { setting } from '../setting.ts'

const EXPLORER_URL = 'an http or https URL with {hash}, and {kind} if wanted, such as https://explorer.example.org/{kind}/{hash}, or empty'

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
      description: 'Address under which clients reach the dashboard and the WebSocket. Web pages from there may connect.',
      default: 'localhost:9906',
      example: 'bridge.example.org',
    }),
    ws_max_clients: setting(integer(1), {
      description: 'Maximum number of WebSocket clients at one time.',
      default: '10000',
      isReloaded: true,
    }),
    ws_max_clients_per_address: setting(integer(1), {
      description: 'Maximum number of WebSocket clients of one IPv4 address or IPv6 /64.',
      default: '1000',
      isReloaded: true,
    }),
    ws_upgrades_per_second: setting(integer(1), {
      description: 'Maximum number of new WebSocket clients per second on average; twice as many at once.',
      default: '2500',
      isReloaded: true,
    }),
    trusted_proxies: setting(list(cidr()), {
      description:
        'Reverse proxies in front of the dashboard and the WebSocket. Of a request from one of them, the address of the client is the last one in `X-Forwarded-For` (or `Forwarded`) that is not a trusted proxy.',
      default: '',
      example: '10.0.0.0/8',
    }),
    ws_max_backpressure_bytes: setting(size(16_384), {
      description: 'Maximum number of bytes queued for one WebSocket client. A client that falls further behind is disconnected.',
      default: '1MiB',
    }),
    ws_max_unsent_bytes: setting(sizeOrAuto(1_048_576), {
      description:
        'Maximum number of bytes queued for all WebSocket clients together. Beyond it the clients with the most are disconnected. `auto`: 256 MiB, or a quarter of the memory limit of the container if that is less.',
      default: 'auto',
    }),
    ws_compression: setting(flag(), {
      description:
        'Compress live events for WebSocket clients that offer permessage-deflate. A delivery then costs about seven times the CPU.',
      default: 'false',
    }),
    ws_allowed_origins: setting(list(origin()), {
      description:
        'Origins of web pages that may connect to the WebSocket, besides those of `p2p_httpAddress`, of the listen address and of localhost. `https://*.example.org` stands for all sub-domains, `*` for every page.',
      default: '',
      example: 'https://explorer.example.org',
    }),
    dashboard_explorer_url: setting(shaped(EXPLORER_URL, /^https?:\/\/[^\s/@{}]+\/(?=\S*\{hash\})([^\s{}]|\{hash\}|\{kind\})*$/), {
      description:
        'Template of the pages of a block explorer, for links on the dashboard: `{hash}` becomes the hash, `{kind}` becomes `block`, `subtree` or `tx`. Empty: no links.',
      default: '',
      example: 'https://explorer.example.org/{kind}/{hash}',
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
      description: 'Address under which a node’s services reach the gRPC peer service. The bridge itself calls nobody there.',
      default: 'localhost:9904',
      status: 'later',
    }),
  },
}
