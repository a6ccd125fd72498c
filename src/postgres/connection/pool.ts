import pg from 'pg'
import type { Logger } from 'pino'
import { parsePostgresUrl } from '../../addresses/postgres-url.ts'
import { withDeadline } from '../../lifecycle/time.ts'
import { type PostgresError, postgresError, secretsOf } from './postgres-error.ts'
import { createTransport, isTlsFailure, type Transport } from './transport.ts'

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
  const url = parsePostgresUrl(connectionString)
  if ('fault' in url) throw new Error(`banlist_db ${url.fault}`)
  const transport = createTransport(url.ssl)
  const config: pg.ClientConfig = {
    connectionString: url.href,
    ssl: transport.current(),
    application_name: applicationName,
    connectionTimeoutMillis: deadlineMs,
    keepAlive: true,
  }
  const pool = new pg.Pool({ ...config, max: maxConnections, allowExitOnIdle: true })
  const clients = new Set<pg.ClientBase>()
  let stopping: Promise<void> | undefined
  pool.on('connect', (client) => {
    clients.add(client)
    client.on('error', () => {}) // the query in flight rejects too, and is handled there
  })
  pool.on('remove', (client) => clients.delete(client))
  const toError = (error: unknown) =>
    postgresError(error, secrets, isTlsFailure(error) ? `sslmode=${url.ssl.mode} of banlist_db` : undefined)
  pool.on('error', (error) => log.debug({ err: toError(error) }, 'idle postgres connection lost'))

  async function use<Result>(work: (client: pg.ClientBase) => Promise<Result>): Promise<Result> {
    try {
      const client = await byEitherWay(transport, () => {
        pool.options.ssl = transport.current()
        return pool.connect()
      })
      return await useInTime(client, deadlineMs, work)
    } catch (error) {
      throw toError(error)
    }
  }

  async function open(name: string, signal?: AbortSignal): Promise<pg.Client> {
    try {
      return await byEitherWay(transport, () => connect({ ...config, ssl: transport.current(), application_name: name }, signal))
    } catch (error) {
      throw toError(error)
    }
  }

  return {
    deadlineMs,
    error: toError,
    query: (text, values) => use(async (client) => (await client.query(text, values)).rows),
    transaction: (work) => use((client) => inTransaction(client, deadlineMs, work)),
    connect: open,
    stop: () => (stopping ??= end(pool, clients)),
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

/** A second try with the other transport, if the first failure may come from TLS. */
async function byEitherWay<Client>(transport: Transport, attempt: () => Promise<Client>): Promise<Client> {
  try {
    return await attempt()
  } catch (error) {
    if (!transport.switchAfter(error)) throw error
    return await attempt()
  }
}

async function connect(config: pg.ClientConfig, signal?: AbortSignal): Promise<pg.Client> {
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
    throw error
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
