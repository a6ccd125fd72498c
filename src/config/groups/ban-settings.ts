import { duration, integer, kind } from '../kinds/kinds.ts'
import { setting } from '../setting.ts'

/** Who is kept away. */
export const banSettings = {
  title: 'Bans',
  settings: {
    banlist_db: setting(
      kind('a connection string such as postgres://user:password@host:5432/database', (value) =>
        value === '' || (/^postgres(ql)?:\/\//.test(value) && URL.canParse(value)) ? value : undefined,
      ),
      {
        description:
          'Postgres database of the ban list. Without one each instance has its own list, and keeps after a restart what was published.',
        default: '',
        example: 'postgres://bridge:password@db.example.org:5432/bridge',
        secret: 'password',
      },
    ),
    ban_default_duration: setting(duration({ min: '1s', unbounded: true }), {
      description: 'How long a ban lasts that names no end.',
      default: '24h',
    }),
    ban_max_entries: setting(integer(1, 10_000_000), {
      description: 'Most entries of the ban list; beyond it the one that would end first goes.',
      default: '100000',
    }),
    p2p_ban_threshold: setting(integer(1), {
      description: 'Score at which a peer is banned.',
      default: '100',
      status: 'later',
    }),
    p2p_ban_duration: setting(duration({ min: '1s', unbounded: true }), {
      description: 'How long a ban by score lasts.',
      default: '24h',
      status: 'later',
    }),
  },
}
