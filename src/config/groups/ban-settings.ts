import { bracketIpv6 } from '../../addresses/host-port.ts'
import { parseUrl } from '../../addresses/url.ts'
import { banTarget } from '../kinds/address-kinds.ts'
import { choice, duration, flag, integer, kind, list, share } from '../kinds/kinds.ts'
import { setting } from '../setting.ts'

/** Banned peers and addresses. */
export const banSettings = {
  title: 'Bans',
  settings: {
    banlist_db: setting(
      kind('a connection string such as postgres://user:password@host:5432/database', (value) => {
        const url = bracketIpv6(value)
        return url === '' || (/^postgres(ql)?:\/\//.test(url) && parseUrl(url) !== undefined) ? url : undefined
      }),
      {
        description:
          'Connection string of the Postgres database for the ban list and the pool of keys. Without it each instance has its own ban list; after a restart it has the published bans only.',
        default: '',
        example: 'postgres://bridge:password@db.example.org:5432/bridge',
        secret: 'password',
      },
    ),
    banlist_migrate: setting(flag(), {
      description:
        'Whether the bridge creates and migrates its tables itself. With `false`, run `gossip-bridge migrate` with a role that owns the schema.',
      default: 'true',
    }),
    ban_default_duration: setting(duration({ min: '1s', unbounded: true }), {
      description: 'Default length of a ban.',
      default: '24h',
    }),
    ban_max_entries: setting(integer(1, 10_000_000), {
      description: 'Maximum number of entries in the ban list. Beyond it the ban that ends first is dropped.',
      default: '100000',
    }),
    p2p_ban_threshold: setting(integer(1), {
      description: 'Score at which a peer is banned.',
      default: '100',
      isReloaded: true,
    }),
    p2p_ban_duration: setting(duration({ min: '1s', unbounded: true }), {
      description: 'Length of a ban by score.',
      default: '24h',
      isReloaded: true,
    }),
    ban_mode: setting(choice('enforce', 'observe'), {
      description: 'Whether a score at the threshold bans (`enforce`), or is only logged and counted (`observe`).',
      default: 'enforce',
      isReloaded: true,
    }),
    ban_never: setting(list(banTarget()), {
      description: 'Peer ids, addresses and CIDRs that a score never bans. Static peers and siblings are never banned by score either.',
      default: '',
      example: '10.0.0.0/8',
    }),
    ban_breaker_share: setting(share(), {
      description: 'Share of the connected peers that scores may ban within 10 minutes. Beyond it, scores ban nobody, and the log says so.',
      default: '0.25',
    }),
  },
}
