import { type Finding, fail, messageOf, ok, warn } from '../finding.ts'
import type { DatabaseFacts } from '../ports.ts'

/** Beyond this share of used connections a restart of a few instances may find none. */
const CROWDED = 0.9
const CLOCK_TOLERANCE_MS = 2000
/** Postgres itself warns from half on. */
const FULL_QUEUE = 0.5

/** The database of bans and keys. `migrates`: the bridge applies migrations itself (`banlist_migrate`). */
export function judgeDatabase(facts: DatabaseFacts, { migrates }: { migrates: boolean }): Finding[] {
  return [
    reached(facts),
    migrations(facts, migrates),
    ...privileges(facts),
    pooler(facts),
    ...(facts.isReadOnly ? [fail('the database is read-only', 'name the primary in banlist_db, not a standby')] : []),
    ...crowd(facts),
    ...queue(facts),
    clock(facts),
  ]
}

function reached({ serverVersion, user, database, isTls, roundTripMs }: DatabaseFacts): Finding {
  const way = isTls ? 'with TLS' : 'without TLS'
  return ok(`Postgres ${serverVersion}, database ${database} as ${user}, ${way}, ${roundTripMs.toFixed(1)} ms away`)
}

function migrations({ missingMigrations, mayMigrate, user }: DatabaseFacts, migrates: boolean): Finding {
  if (missingMigrations.length === 0) return ok('all migrations are applied')
  const reason = `migrations are missing: ${missingMigrations.join(', ')}`
  const byHand = 'run `gossip-bridge migrate` with a banlist_db whose role owns the schema gossip_bridge'
  if (!migrates) return fail(`${reason}, and banlist_migrate is false`, byHand)
  return mayMigrate ? warn(reason, 'the next start of the bridge applies them') : fail(`${reason}, and ${user} may not apply them`, byHand)
}

function privileges({ missingPrivileges, missingMigrations, user }: DatabaseFacts): Finding[] {
  if (missingPrivileges.length > 0)
    return [fail(`${user} lacks privileges: ${missingPrivileges.join(', ')}`, `GRANT them on the tables of the schema gossip_bridge`)]
  return missingMigrations.length > 0 ? [] : [ok(`${user} has the privileges that the bridge needs`)]
}

function pooler({ keepsSession }: DatabaseFacts): Finding {
  return keepsSession
    ? ok('connections keep their session')
    : fail(
        'a pooler in transaction mode is in between: notifications and locks on keys do not work',
        'connect to Postgres itself, or set pool_mode = session',
      )
}

function crowd({ connections: { used, most } }: DatabaseFacts): Finding[] {
  return used < CROWDED * most
    ? []
    : [warn(`${used} of ${most} connections of the server are in use`, 'raise max_connections, or end clients that idle')]
}

function queue({ notificationQueue }: DatabaseFacts): Finding[] {
  const share = `${Math.round(notificationQueue * 100)} %`
  return notificationQueue < FULL_QUEUE
    ? []
    : [
        warn(
          `the server's queue of notifications is ${share} full: a session listens and never reads`,
          'look for an old transaction of a session with LISTEN in pg_stat_activity, and end it',
        ),
      ]
}

function clock({ aheadMs }: DatabaseFacts): Finding {
  const seconds = (Math.abs(aheadMs) / 1000).toFixed(1)
  if (Math.abs(aheadMs) <= CLOCK_TOLERANCE_MS) return ok(`the clocks of this host and of Postgres are ${seconds} s apart`)
  return warn(
    `this host's clock is ${seconds} s ${aheadMs > 0 ? 'behind' : 'ahead of'} that of Postgres`,
    'mend the time service (NTP) of the one that is wrong',
  )
}

export const NO_DATABASE = warn(
  'banlist_db is not set: each instance has its own ban list',
  'set it if several instances share bans, or if bans must outlive the topic of current bans',
)

/** What the errors of the driver and of the server mean, by a part of their text. */
const CAUSES: readonly (readonly [pattern: RegExp, remedy: string])[] = [
  [/SQLSTATE 28/, 'correct user and password in banlist_db, or the server’s pg_hba.conf'],
  [/SQLSTATE 3D000/, 'create the database, or name another one in banlist_db'],
  [/SQLSTATE 42501/, 'grant this user USAGE on the schema gossip_bridge and the privileges that docs/postgres.md lists'],
  [/SQLSTATE 53300/, 'raise max_connections of the server, or end clients that idle'],
  [/SQLSTATE 57P03/, 'wait: the server is starting, or recovers'],
  [/ECONNREFUSED/, 'start Postgres, or correct host and port in banlist_db'],
  [/ENOTFOUND|EAI_AGAIN/, 'correct the host in banlist_db: the DNS does not know it'],
  [/SSL|TLS|certificate/i, 'compare sslmode and sslrootcert in banlist_db with what the server offers'],
  [/timeout|timed out|longer than|EHOSTUNREACH|ENETUNREACH/i, 'look at the network: the host is down, or a firewall is in between'],
]

/** Postgres cannot be used at all. The text of the error has no secrets. */
export function judgeUnusable(error: unknown): Finding {
  const message = messageOf(error)
  const remedy = CAUSES.find(([pattern]) => pattern.test(message))?.[1]
  return fail(`Postgres cannot be used: ${message}`, remedy ?? 'try the same connection string with psql')
}
