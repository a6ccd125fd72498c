import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { destroy, type Postgres } from './pool.ts'

export interface ListenerOptions {
  readonly channel: string
  /** Shown in pg_stat_activity. */
  readonly name: string
}

export interface ListenerDeps {
  readonly postgres: Postgres
  readonly onNotification: (payload: string) => void
  /** Notifications are heard from now on; what was said before is lost and has to be read. */
  readonly onWatching: () => void
  readonly onLost: (error: Error) => void
}

/** A connection that says nothing may be dead without knowing it, so it is asked this often. */
const HEARTBEAT_MS = 5000
const FIRST_RETRY_MS = 100
const LONGEST_RETRY_MS = 5000

/**
 * LISTEN on a connection of its own until it is stopped: a lost connection is made again, with back-off. Not through
 * PgBouncer in transaction mode, which gives no session to listen in.
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
    let retryMs = FIRST_RETRY_MS
    while (!signal.aborted) {
      const startedAt = Date.now()
      try {
        await this.#session()
      } catch (error) {
        if (!signal.aborted) this.#deps.onLost(this.#deps.postgres.error(error))
      }
      retryMs = Date.now() - startedAt > LONGEST_RETRY_MS ? FIRST_RETRY_MS : Math.min(retryMs * 2, LONGEST_RETRY_MS)
      await delay(retryMs, undefined, { signal }).catch(() => {})
    }
  }

  /** One connection, from its start to its end, which is always an error. */
  async #session(): Promise<void> {
    const { postgres, onNotification, onWatching } = this.#deps
    const client = await postgres.connect(this.#options.name, this.#stopped.signal)
    const ended = new AbortController()
    client.once('end', () => ended.abort(new Error('the connection on which notifications are heard was closed')))
    const end = () => destroy(client)
    this.#stopped.signal.addEventListener('abort', end)
    try {
      client.on('notification', ({ payload }) => onNotification(payload ?? ''))
      await this.#ask(client, `LISTEN ${pg.escapeIdentifier(this.#options.channel)}`)
      onWatching()
      for (;;) {
        await delay(HEARTBEAT_MS, undefined, { signal: ended.signal })
        await this.#ask(client, 'SELECT 1')
      }
    } catch (error) {
      throw ended.signal.aborted ? ended.signal.reason : error
    } finally {
      this.#stopped.signal.removeEventListener('abort', end)
      destroy(client)
    }
  }

  /** On a frozen server a query would wait for ever: then the connection is closed, and the query rejects. */
  async #ask(client: pg.Client, text: string): Promise<void> {
    const timer = setTimeout(() => destroy(client), this.#deps.postgres.deadlineMs)
    try {
      await client.query(text)
    } finally {
      clearTimeout(timer)
    }
  }
}
