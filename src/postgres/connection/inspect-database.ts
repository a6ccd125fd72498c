import type pg from 'pg'
import type { DatabaseFacts } from '../../doctor/ports.ts'
import type { Clock } from '../../lifecycle/clock.ts'
import { DATABASE_SCHEMA, missingMigrations } from './migrate.ts'
import { destroy, type Postgres } from './pool.ts'
import { PoolerError, refusePooler } from './pooler.ts'

export interface InspectDatabaseDeps {
  readonly postgres: Postgres
  readonly clock: Pick<Clock, 'wall' | 'steady'>
}

const NAME = 'gossip-bridge doctor'

const NEEDED: Readonly<Record<string, readonly string[]>> = {
  ban_lists: ['SELECT', 'INSERT', 'UPDATE'],
  bans: ['SELECT', 'INSERT', 'UPDATE', 'DELETE'],
  ban_changes: ['SELECT', 'INSERT', 'UPDATE', 'DELETE'],
  identities: ['SELECT', 'INSERT', 'UPDATE'],
  identity_holders: ['SELECT', 'INSERT', 'UPDATE'],
}

const STANDING = `
  SELECT current_setting('server_version') AS version, current_user AS "user", current_database() AS database,
    pg_is_in_recovery() OR current_setting('default_transaction_read_only') = 'on' AS read_only,
    coalesce((SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()), false) AS tls,
    (SELECT count(*)::int FROM pg_stat_activity WHERE backend_type = 'client backend') AS used,
    current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int AS most,
    pg_notification_queue_usage() AS queue,
    has_database_privilege(current_database(), 'CREATE') AS may_create,
    (SELECT pg_has_role(current_user, nspowner, 'USAGE') FROM pg_namespace WHERE nspname = $1) AS is_owner`

/** Looks at a database over connections of its own, and changes nothing. Rejects with PostgresError. */
export async function inspectDatabase({ postgres, clock }: InspectDatabaseDeps, signal: AbortSignal): Promise<DatabaseFacts> {
  const client = await postgres.connect(NAME, signal)
  const end = () => destroy(client)
  signal.addEventListener('abort', end)
  try {
    const standing = one(await client.query(STANDING, [DATABASE_SCHEMA]))
    return {
      ...(await time(client, clock)),
      serverVersion: String(standing.version).split(' ')[0] ?? '',
      user: String(standing.user),
      database: String(standing.database),
      isTls: standing.tls === true,
      isReadOnly: standing.read_only === true,
      missingMigrations: await missingMigrations(client),
      mayMigrate: standing.is_owner === null ? standing.may_create === true : standing.is_owner === true,
      missingPrivileges: await missingPrivileges(client),
      connections: { used: Number(standing.used), most: Number(standing.most) },
      notificationQueue: Number(standing.queue),
      keepsSession: await keepsSession(postgres),
    }
  } catch (error) {
    throw postgres.error(error)
  } finally {
    signal.removeEventListener('abort', end)
    await client.end().catch(() => {})
  }
}

function one({ rows }: pg.QueryResult): Record<string, unknown> {
  return rows[0] as Record<string, unknown>
}

/** The middle of the shortest of three round trips is the moment of the server's answer. */
async function time(client: pg.Client, clock: InspectDatabaseDeps['clock']): Promise<Pick<DatabaseFacts, 'aheadMs' | 'roundTripMs'>> {
  let best = { aheadMs: 0, roundTripMs: Number.POSITIVE_INFINITY }
  for (let round = 0; round < 3; round++) {
    const [startedAt, wall] = [clock.steady(), clock.wall()]
    const { ms } = one(await client.query('SELECT extract(epoch FROM clock_timestamp()) * 1000 AS ms'))
    const roundTripMs = clock.steady() - startedAt
    if (roundTripMs < best.roundTripMs) best = { aheadMs: Number(ms) - wall - roundTripMs / 2, roundTripMs }
  }
  return best
}

async function missingPrivileges(client: pg.Client): Promise<string[]> {
  const wanted = Object.entries(NEEDED).flatMap(([table, privileges]) => privileges.map((privilege) => [table, privilege] as const))
  const { rows } = await client.query(
    `SELECT relname AS "table", privilege FROM unnest($1::text[], $2::text[]) AS needed(name, privilege)
      JOIN pg_class ON relname = name AND relnamespace = to_regnamespace($3)::oid
      WHERE NOT has_table_privilege(pg_class.oid, privilege) OR NOT has_schema_privilege(relnamespace, 'USAGE')`,
    [wanted.map(([table]) => table), wanted.map(([, privilege]) => privilege), DATABASE_SCHEMA],
  )
  return rows.map(({ table, privilege }) => `${table}: ${privilege}`)
}

async function keepsSession(postgres: Postgres): Promise<boolean> {
  try {
    await refusePooler(postgres)
    return true
  } catch (error) {
    if (error instanceof PoolerError) return false
    throw error
  }
}
