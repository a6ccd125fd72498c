import pg from 'pg'
import type { Logger } from 'pino'
import { withDeadline } from '../../lifecycle/time.ts'
import { type PostgresError, postgresError, secretsOf } from './postgres-error.ts'

export interface PostgresOptions {
  /** `postgres://user:password@host:port/database`. */
  readonly connectionString: string
  /** Shown in pg_stat_activity. */
  readonly applicationName: string
  readonly maxConnections?: number
  /** For connecting, and for each query or transaction as a whole. */
  readonly deadlineMs?: number
}

/** A few connections to one database. Each use ends within a deadline. */
export interface Postgres {
  /** Commits if `work` resolves, rolls back otherwise. Rejects with PostgresError. */
  transaction<Result>(work: (client: pg.ClientBase) => Promise<Result>): Promise<Result>
  query<Row extends pg.QueryResultRow>(text: string, values: unknown[]): Promise<Row[]>
  /** Opens a dedicated connection, which the caller ends. Rejects with PostgresError. */
  connect(name: string, signal?: AbortSignal): Promise<pg.Client>
  error(error: unknown): PostgresError
  readonly deadlineMs: number
  stop(): Promise<void>
}

const STOP_DEADLINE_MS = 2000

/** Connects on first use. Throws if `connectionString` is not a connection string, with a message that does not contain it. */
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
    client.on('error', () => {}) // the query in flight rejects too, and is handled there
  })
  pool.on('remove', (client) => open.delete(client))
  pool.on('error', (error) => log.debug({ err: postgresError(error, secrets) }, 'idle postgres connection lost'))

  async function use<Result>(work: (client: pg.ClientBase) => Promise<Result>): Promise<Result> {
    try {
      const client = await pool.connect()
      return await useInTime(client, deadlineMs, work)
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

/** Ends the pool in an orderly way. At the deadline, connections still in use are destroyed. */
async function end(pool: pg.Pool, open: ReadonlySet<pg.ClientBase>): Promise<void> {
  const timer = setTimeout(() => {
    for (const client of open) destroy(client)
  }, STOP_DEADLINE_MS)
  await pool.end()
  clearTimeout(timer)
}

/** Destroys the socket at once: the query in flight rejects. */
export function destroy(client: pg.ClientBase): void {
  ;(client as pg.Client).connection.stream.destroy()
}

async function connect(config: pg.ClientConfig, secrets: string[], signal?: AbortSignal): Promise<pg.Client> {
  const client = new pg.Client(config)
  client.on('error', () => {}) // the query in flight rejects too, and is handled there
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
  // The server's limit, above our deadline: a client whose host is gone must not hold its locks until TCP notices. Set here,
  // because PgBouncer refuses these as connection parameters.
  const limitMs = deadlineMs * 2
  await client.query(`BEGIN; SET LOCAL statement_timeout = ${limitMs}; SET LOCAL idle_in_transaction_session_timeout = ${limitMs}`)
  const result = await work(client)
  await client.query('COMMIT')
  return result
}

/** After any failure the connection is destroyed: the server then rolls back the open transaction. */
async function useInTime<Result>(client: pg.PoolClient, deadlineMs: number, work: (client: pg.ClientBase) => Promise<Result>) {
  try {
    const result = await withDeadline(work(client), deadlineMs, 'an answer of Postgres')
    client.release()
    return result
  } catch (error) {
    destroy(client)
    client.release(true)
    throw error
  }
}
