import pg from 'pg'
import type { Logger } from 'pino'
import { type PostgresError, postgresError, secretsOf } from './postgres-error.ts'

export interface PostgresOptions {
  /** `postgres://user:password@host:port/database`. */
  readonly connectionString: string
  /** Shown in pg_stat_activity. */
  readonly applicationName: string
  readonly maxConnections?: number
  /** For a connection and for each transaction as a whole. */
  readonly deadlineMs?: number
}

/** A few connections to one database, each use of which ends within a deadline. */
export interface Postgres {
  /** Commits when `work` resolves; else everything in it is undone. Rejects with PostgresError. */
  transaction<Result>(work: (client: pg.ClientBase) => Promise<Result>): Promise<Result>
  query<Row extends pg.QueryResultRow>(text: string, values: unknown[]): Promise<Row[]>
  /** A connection of its own, which the caller ends; rejects with PostgresError. */
  connect(name: string, signal?: AbortSignal): Promise<pg.Client>
  error(error: unknown): PostgresError
  readonly deadlineMs: number
  stop(): Promise<void>
}

const STOP_DEADLINE_MS = 2000

/** Throws when the connection string is none, without a word of it in the message; connects on first use. */
export function createPostgres(options: PostgresOptions, { log }: { log: Logger }): Postgres {
  const { connectionString, applicationName, maxConnections = 4, deadlineMs = 5000 } = options
  const secrets = secretsOf(connectionString)
  const config: pg.ClientConfig = {
    connectionString,
    application_name: applicationName,
    connectionTimeoutMillis: deadlineMs,
    keepAlive: true,
  }
  const pool = new pg.Pool({ ...config, max: maxConnections, allowExitOnIdle: true })
  const open = new Set<pg.ClientBase>()
  let stopping: Promise<void> | undefined
  pool.on('connect', (client) => {
    open.add(client)
    client.on('error', () => {}) // the query in flight rejects too, and that is where it is handled
  })
  pool.on('remove', (client) => open.delete(client))
  pool.on('error', (error) => log.debug({ err: postgresError(error, secrets) }, 'idle postgres connection lost'))

  async function use<Result>(work: (client: pg.ClientBase) => Promise<Result>): Promise<Result> {
    try {
      const client = await pool.connect()
      return await withDeadline(client, deadlineMs, work)
    } catch (error) {
      throw postgresError(error, secrets)
    }
  }

  return {
    deadlineMs,
    error: (error) => postgresError(error, secrets),
    query: (text, values) => use(async (client) => (await client.query(text, values)).rows),
    transaction: (work) => use((client) => inTransaction(client, deadlineMs, work)),
    connect: (name, signal) => connect({ ...config, application_name: name }, secrets, signal),
    stop: () => (stopping ??= end(pool, open)),
  }
}

/** In order if that is quick; at the deadline what is still in flight is cut off. */
async function end(pool: pg.Pool, open: ReadonlySet<pg.ClientBase>): Promise<void> {
  const timer = setTimeout(() => {
    for (const client of open) destroy(client)
  }, STOP_DEADLINE_MS)
  await pool.end()
  clearTimeout(timer)
}

/** Ends the connection at once, whatever it waits for: what is in flight rejects. */
export function destroy(client: pg.ClientBase): void {
  ;(client as pg.Client).connection.stream.destroy()
}

async function connect(config: pg.ClientConfig, secrets: string[], signal?: AbortSignal): Promise<pg.Client> {
  const client = new pg.Client(config)
  client.on('error', () => {}) // what is in flight rejects too, and that is where it is handled
  const abort = () => destroy(client)
  signal?.addEventListener('abort', abort)
  try {
    signal?.throwIfAborted()
    await client.connect()
    return client
  } catch (error) {
    destroy(client)
    throw postgresError(error, secrets)
  } finally {
    signal?.removeEventListener('abort', abort)
  }
}

async function inTransaction<Result>(client: pg.ClientBase, deadlineMs: number, work: (client: pg.ClientBase) => Promise<Result>) {
  // The server's own net under our deadline: a client whose host is gone must not hold its locks until TCP notices. Not as
  // parameters of the connection, which PgBouncer refuses.
  const net = deadlineMs * 2
  await client.query(`BEGIN; SET LOCAL statement_timeout = ${net}; SET LOCAL idle_in_transaction_session_timeout = ${net}`)
  const result = await work(client)
  await client.query('COMMIT')
  return result
}

/** A connection on which anything failed is closed rather than rolled back: the server undoes what it had begun. */
async function withDeadline<Result>(client: pg.PoolClient, deadlineMs: number, work: (client: pg.ClientBase) => Promise<Result>) {
  let isLate = false
  const timer = setTimeout(() => {
    isLate = true
    destroy(client)
  }, deadlineMs)
  try {
    const result = await work(client)
    client.release()
    return result
  } catch (error) {
    client.release(true)
    throw isLate ? new Error(`Postgres did not answer within ${deadlineMs} ms`, { cause: error }) : error
  } finally {
    clearTimeout(timer)
  }
}
