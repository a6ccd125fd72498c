import type pg from 'pg'
import type { Logger } from 'pino'
import { sleep } from '../../lifecycle/time.ts'
import { PostgresError } from './postgres-error.ts'

/** The advisory lock of node-pg-migrate, which earlier releases of the bridge hold while they migrate. */
const LOCK = '7241865325823964'
const TRY_EACH_MS = 200
const TRIES = 50

interface Holder {
  readonly pid: number
  readonly application: string
  readonly role: string
  readonly since: Date
}

const HOLDER = `
  SELECT activity.pid, application_name AS application, usename AS role, backend_start AS since
  FROM pg_locks AS locks JOIN pg_stat_activity AS activity USING (pid)
  WHERE locktype = 'advisory' AND granted AND objsubid = 1 AND (classid::bigint << 32 | objid::bigint) = ${LOCK}
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`

/** Takes the lock for the rest of the session. Gives up after ten seconds with an error that names the holder. */
export async function lockMigrations(client: pg.ClientBase, { log }: { log: Logger }): Promise<void> {
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const { rows } = await client.query<{ locked: boolean }>(`SELECT pg_try_advisory_lock(${LOCK}) AS locked`)
    if (rows[0]?.locked) return
    if (attempt === 0) log.warn({ holder: await holderText(client) }, 'another session migrates the database, waiting for it')
    await sleep(TRY_EACH_MS)
  }
  throw new PostgresError(
    `the migration lock is held by ${await holderText(client)}: a migration runs there, or it hangs; end it if it does`,
  )
}

async function holderText(client: pg.ClientBase): Promise<string> {
  const { rows } = await client.query<Holder>(HOLDER)
  const [holder] = rows
  if (!holder) return 'a session that has just ended'
  return `the session ${holder.pid} (${holder.application || 'without a name'}, role ${holder.role}, since ${holder.since.toISOString()})`
}
