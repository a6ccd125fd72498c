import type { Logger } from 'pino'
import type { Postgres } from '../connection/pool.ts'
import { PostgresError } from '../connection/postgres-error.ts'

const QUEUE_IS_FULL = '54000'

export interface BanNewsOptions {
  readonly channel: string
  readonly bridgeId: string
}

/**
 * Tells the other instances that the list has changed, by NOTIFY. In a statement of its own after the commit: where the server's queue
 * of notifications is full, a NOTIFY within the transaction would make every ban fail. Best effort: who hears nothing reads the changes
 * with its next poll. Changes during a NOTIFY in flight share the next one.
 */
export class BanNews {
  readonly #options: BanNewsOptions
  readonly #deps: { readonly postgres: Postgres; readonly log: Logger }
  #isWanted = false
  #sending: Promise<void> | undefined
  #trouble: string | undefined

  constructor(options: BanNewsOptions, deps: { postgres: Postgres; log: Logger }) {
    this.#options = options
    this.#deps = deps
  }

  /** Why the last notification was not sent, if it was not. */
  trouble(): string | undefined {
    return this.#trouble
  }

  announce(): void {
    this.#isWanted = true
    this.#sending ??= this.#send().finally(() => {
      this.#sending = undefined
    })
  }

  async #send(): Promise<void> {
    const { channel, bridgeId } = this.#options
    while (this.#isWanted) {
      this.#isWanted = false
      try {
        await this.#notify(channel, bridgeId)
        this.#trouble = undefined
      } catch (error) {
        if (this.#trouble === undefined) this.#deps.log.warn({ err: error }, 'other instances are not notified of a ban, and read it later')
        this.#trouble = error instanceof Error ? error.message : String(error)
      }
    }
  }

  /** Postgres frees a full queue only when somebody asks for its usage, also after its slowest listener has read everything. */
  async #notify(channel: string, bridgeId: string): Promise<void> {
    const { postgres } = this.#deps
    const notify = () => postgres.query('SELECT pg_notify($1, $2)', [channel, bridgeId])
    try {
      await notify()
    } catch (error) {
      if (!(error instanceof PostgresError) || error.sqlState !== QUEUE_IS_FULL) throw error
      await postgres.query('SELECT pg_notification_queue_usage()', [])
      await notify()
    }
  }
}
