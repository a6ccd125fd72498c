import pg from 'pg'
import { createBackOff, sleep, withDeadline } from '../../lifecycle/time.ts'
import { destroy, type Postgres } from './pool.ts'

export interface ListenerOptions {
  readonly channel: string
  /** Shown in pg_stat_activity. */
  readonly name: string
}

export interface ListenerDeps {
  readonly postgres: Postgres
  readonly onNotification: (payload: string) => void
  /** Notifications arrive from now on. Earlier ones are lost, so the state has to be read. */
  readonly onWatching: () => void
  readonly onLost: (error: Error) => void
}

/** How often an idle connection is probed, because it may be dead without an error. */
const HEARTBEAT_MS = 5000
const FIRST_RETRY_MS = 100
const LONGEST_RETRY_MS = 1000

/**
 * Runs LISTEN on a dedicated connection until it is stopped. A lost connection is opened again, with back-off. Does not work through
 * PgBouncer in transaction mode, which has no sessions.
 */
export class Listener {
  readonly #options: ListenerOptions
  readonly #deps: ListenerDeps
  readonly #stopped = new AbortController()
  #running: Promise<void> | undefined

  constructor(options: ListenerOptions, deps: ListenerDeps) {
    this.#options = options
    this.#deps = deps
  }

  start(): void {
    this.#running ??= this.#run()
  }

  async stop(): Promise<void> {
    this.#stopped.abort()
    await this.#running
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopped
    const backOff = createBackOff(FIRST_RETRY_MS, LONGEST_RETRY_MS)
    while (!signal.aborted) {
      try {
        await this.#session(() => backOff.reset())
      } catch (error) {
        if (!signal.aborted) this.#deps.onLost(this.#deps.postgres.error(error))
      }
      await sleep(backOff.next(), signal)
    }
  }

  /** The life of one connection. It always ends with an error. */
  async #session(onProbed: () => void): Promise<void> {
    const { postgres, onNotification, onWatching } = this.#deps
    const client = await postgres.connect(this.#options.name, this.#stopped.signal)
    const ended = new AbortController()
    client.once('end', () => ended.abort(new Error('the connection that receives notifications was closed')))
    const end = () => destroy(client)
    this.#stopped.signal.addEventListener('abort', end)
    try {
      client.on('notification', ({ payload }) => onNotification(payload ?? ''))
      await this.#ask(client, `LISTEN ${pg.escapeIdentifier(this.#options.channel)}`)
      onWatching()
      for (;;) {
        await sleep(HEARTBEAT_MS, ended.signal)
        ended.signal.throwIfAborted()
        await this.#ask(client, 'SELECT 1')
        onProbed()
      }
    } catch (error) {
      throw ended.signal.aborted ? ended.signal.reason : error
    } finally {
      this.#stopped.signal.removeEventListener('abort', end)
      destroy(client)
    }
  }

  /** Has a deadline, because a query on a frozen server waits for ever. */
  async #ask(client: pg.Client, text: string): Promise<void> {
    await withDeadline(client.query(text), this.#deps.postgres.deadlineMs, 'an answer of Postgres')
  }
}
