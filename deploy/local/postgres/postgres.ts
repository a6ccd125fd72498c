import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { freePorts } from '../processes/free-ports.ts'
import { type Guard, startGuard } from '../processes/guard.ts'
import { lastLines, type ServerProcess, startServerProcess } from '../processes/server-process.ts'
import { initDatabaseDirectory, locatePostgres, type PostgresPrograms } from './postgres-programs.ts'

export interface LocalPostgresOptions {
  /** The preferred port; when it is taken, a free one is used. */
  port?: number
  /** Called before long steps. */
  say?: (line: string) => void
}

/** A running local Postgres server. `stop()` deletes all its data. */
export interface LocalPostgres {
  readonly port: number
  /** Connection string of the server's own database `postgres`. */
  readonly url: string
  readonly logFile: string
  /** Creates an empty database and returns its connection string. */
  createDatabase(name: string): Promise<string>
  /** SIGKILL, as a crash. */
  kill(): Promise<void>
  /** SIGINT: Postgres ends all sessions and shuts down in order. */
  shutDown(): Promise<void>
  /** Starts it again on the same data and port after `kill` or `shutDown`. */
  start(): Promise<void>
  stop(): Promise<void>
}

const READY_DEADLINE_MS = 120_000
const SHUTDOWN_DEADLINE_MS = 30_000
/** No test should wait for the disk. Commits stay synchronous, because they have to survive a SIGKILL of the server. */
const FLAGS = ['fsync=off', 'full_page_writes=off', 'max_connections=200', 'listen_addresses=127.0.0.1', 'unix_socket_directories=']

/** Starts a real Postgres server on a loopback port with its data in a temporary directory. */
export async function startPostgres(options: LocalPostgresOptions = {}): Promise<LocalPostgres> {
  const programs = await locatePostgres()
  const directory = await mkdtemp(join(tmpdir(), 'gossip-bridge-postgres-'))
  const guard = startGuard()
  guard.removeAtEnd(directory)
  try {
    const data = await initDatabaseDirectory(programs, directory)
    const [port = 0] = await freePorts(1, options.port)
    const postgres = createServer(programs, { directory, data, port }, guard)
    await postgres.start()
    return postgres
  } catch (error) {
    await rm(directory, { recursive: true, force: true })
    guard.release()
    throw error
  }
}

function createServer(programs: PostgresPrograms, at: { directory: string; data: string; port: number }, guard: Guard): LocalPostgres {
  const { port } = at
  const logFile = join(at.directory, 'postgres.log')
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`
  let server: ServerProcess | undefined

  async function start(): Promise<void> {
    const args = ['-D', at.data, '-p', `${port}`, ...FLAGS.flatMap((flag) => ['-c', flag])]
    server = await startServerProcess({ command: programs.postgres, args, logFile, ...programs.user }, { guard })
    try {
      await awaitAnswer(url, server.hasEnded)
    } catch (cause) {
      await server.end('SIGKILL', 0)
      throw new Error(`Postgres on 127.0.0.1:${port} did not start: ${(cause as Error).message}\n${lastLines(logFile, 20)}`, { cause })
    }
  }

  return {
    port,
    url,
    logFile,
    start,
    createDatabase: async (name) => {
      await query(url, `CREATE DATABASE ${pg.escapeIdentifier(name)}`)
      return `postgres://postgres@127.0.0.1:${port}/${encodeURIComponent(name)}`
    },
    kill: async () => server?.end('SIGKILL', 0),
    shutDown: async () => server?.end('SIGINT', SHUTDOWN_DEADLINE_MS),
    stop: async () => {
      await server?.end('SIGQUIT', SHUTDOWN_DEADLINE_MS) // immediate shutdown: the data is deleted anyway, but shared memory has to be released
      await rm(at.directory, { recursive: true, force: true, maxRetries: 3 })
      guard.release()
    },
  }
}

async function awaitAnswer(url: string, hasEnded: () => boolean): Promise<void> {
  const until = Date.now() + READY_DEADLINE_MS
  let last: unknown
  while (Date.now() < until) {
    if (hasEnded()) throw new Error('the process ended by itself')
    try {
      return await query(url, 'SELECT 1')
    } catch (error) {
      last = error
    }
    await pause(30)
  }
  throw new Error(`no answer within ${READY_DEADLINE_MS / 1000} s (${(last as Error).message})`)
}

async function query(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 20_000, query_timeout: 90_000 })
  client.on('error', () => {}) // when the server goes away, the query itself fails
  try {
    await client.connect()
    await client.query(sql)
  } finally {
    await client.end()
  }
}
