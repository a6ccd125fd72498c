import { optionalListenAddress } from '../kinds/address-kinds.ts'
import { choice, flag, integer, shaped } from '../kinds/kinds.ts'
import { setting } from '../setting.ts'

function apiKey() {
  return shaped('a key of 16 to 256 printable ASCII characters without blanks', /^[\x21-\x7e]{16,256}$/)
}

/** The interfaces for operators: what they may see and change while the bridge runs. */
export const adminSettings = {
  title: 'Administration',
  settings: {
    admin_listen_address: setting(optionalListenAddress(), {
      description:
        'Listen address of the HTTP admin API of a process with the role `admin`. Empty: there is none. It has no TLS: keep it on the loopback, or behind a proxy that has.',
      default: '',
      example: '127.0.0.1:9910',
    }),
    admin_api_key: setting(apiKey(), {
      description:
        'Key that each change through the HTTP admin API or the dashboard needs. Without it, everything may be read and nothing changed.',
      default: '',
      secret: 'value',
    }),
    dashboard_status: setting(choice('auto', 'full', 'summary', 'off'), {
      description:
        'What the dashboard shows of the bridge, to whoever opens it. `full` has the addresses of peers, the bans and their reasons, and the names of Kafka topics; `summary` says what is well, and how many. `auto`: full for a browser on the bridge’s own host (by `localhost`, past no proxy), a summary for all others.',
      default: 'auto',
    }),
    dashboard_admin: setting(flag(), {
      description:
        'Bans are added and removed on the dashboard too, with `admin_api_key`, which its user types. Needs TLS (`securityLevelHTTP`) or a `p2p_httpListenAddress` on the loopback.',
      default: 'false',
    }),
    p2p_grpcListenAddress: setting(optionalListenAddress(), {
      description:
        'Listen address of the gRPC peer service of a process with the roles `relay` and `admin`. Empty: there is none. (Teranode listens on `localhost:9904`.)',
      default: '',
      example: '127.0.0.1:9904',
    }),
    grpc_admin_api_key: setting(apiKey(), {
      description: 'Key that each change and report through gRPC needs, in the metadata `x-api-key`. Default: that of `admin_api_key`.',
      default: '',
      secret: 'value',
    }),
    securityLevelGRPC: setting(integer(0, 2), {
      description: 'Above 0, gRPC is served with TLS, with `server_certFile` and `server_keyFile`, which are read again when they change.',
      default: '0',
    }),
  },
}
