import { optionalListenAddress } from '../kinds/address-kinds.ts'
import { shaped } from '../kinds/kinds.ts'
import { setting } from '../setting.ts'

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
    admin_api_key: setting(shaped('a key of 16 to 256 printable ASCII characters without blanks', /^[\x21-\x7e]{16,256}$/), {
      description: 'Key that each change through the HTTP admin API needs. Without it, everything may be read and nothing changed.',
      default: '',
      secret: 'value',
    }),
  },
}
