import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { withDeadline } from '../../lifecycle/time.ts'
import { destroy, type Postgres } from './pool.ts'
import { PostgresError } from './postgres-error.ts'

/** The way to the database cannot carry what the bridge needs of a session. Waiting does not help, so a start ends with it. */
export class PoolerError extends Error {
  override readonly name = 'PoolerError'
  readonly code = 'BRIDGE_POOLER'
  readonly isFatal = true
}

const NEVER_HEARD =
  'banlist_db leads through a pooler that shares sessions, such as PgBouncer in transaction mode: notifications do not arrive, and locks ' +
  'belong to nobody. Let it lead to Postgres itself, or to a pool in session mode'
/** A server that answers at all delivers a notification within milliseconds. */
const HEARING_MS = 3000
const QUEUE_IS_FULL = '54000'

/**
 * Throws PoolerError if sessions do not belong to their clients: a notification that another session sends does not arrive. A
 * notification to oneself would arrive through a pooler too.
 */
export async function refusePooler(postgres: Postgres): Promise<void> {
  const channel = `gossip_bridge_check_${randomUUID().slice(0, 8)}`
  const listener = await postgres.connect('gossip-bridge check')
  let timer: NodeJS.Timeout | undefined
  try {
    const heard = new Promise<boolean>((resolve) => {
      listener.on('notification', () => resolve(true))
      timer = setTimeout(() => resolve(false), HEARING_MS)
    })
    await withDeadline(listener.query(`LISTEN ${pg.escapeIdentifier(channel)}`), postgres.deadlineMs, 'an answer of Postgres')
    if ((await isSent(postgres, channel)) && !(await heard)) throw new PoolerError(NEVER_HEARD)
  } catch (error) {
    throw error instanceof PoolerError ? error : postgres.error(error)
  } finally {
    clearTimeout(timer)
    destroy(listener)
  }
}

/** From another connection. False if the server takes no notifications now. */
async function isSent(postgres: Postgres, channel: string): Promise<boolean> {
  try {
    await postgres.query('SELECT pg_notify($1, $2)', [channel, ''])
    return true
  } catch (error) {
    if (error instanceof PostgresError && error.sqlState === QUEUE_IS_FULL) return false
    throw error
  }
}
