import type { Logger } from 'pino'
import type { Clock } from '../../lifecycle/clock.ts'
import type { PartHealth } from '../../lifecycle/health.ts'
import { createBackOff, sleep } from '../../lifecycle/time.ts'
import { describeTrouble, troubleOf } from '../client/trouble.ts'

export interface TailTroubleOptions {
  readonly topic: string
  readonly brokers: readonly string[]
}

export interface TailTroubleDeps {
  readonly log: Logger
  readonly health?: PartHealth
  readonly clock: Pick<Clock, 'steady'>
  readonly signal: AbortSignal
}

const FIRST_RETRY_MS = 50
/** Short, because readers pause this long after an orderly leader change: with a second they paused for 1.5 s. */
const LONGEST_RETRY_MS = 250
/** A fail-over takes seconds and needs nobody; trouble that needs an operator is reported sooner. */
const SAY_AWAY_AFTER_MS = 5000
const SAY_OTHERS_AFTER_MS = 1000

/** Failed reads of a tail: the pauses between them, and the reports when they continue to fail. */
export class TailTrouble {
  readonly #options: TailTroubleOptions
  readonly #deps: TailTroubleDeps
  readonly #backOff = createBackOff(FIRST_RETRY_MS, LONGEST_RETRY_MS)
  #since: number | undefined
  #said: string | undefined

  constructor(options: TailTroubleOptions, deps: TailTroubleDeps) {
    this.#options = options
    this.#deps = deps
  }

  isFailing(): boolean {
    return this.#since !== undefined
  }

  /** Resolves when it is time for the next attempt. */
  async failed(error: unknown): Promise<void> {
    const { log, health, clock, signal } = this.#deps
    const { topic, brokers } = this.#options
    const now = clock.steady()
    this.#since ??= now
    log.debug({ err: error, topic }, 'a read of the tail failed')
    const patienceMs = troubleOf(error) === 'away' ? SAY_AWAY_AFTER_MS : SAY_OTHERS_AFTER_MS
    if (now - this.#since >= patienceMs) {
      const reason = describeTrouble(error, { brokers, topics: [topic] })
      if (reason !== this.#said) log.debug({ topic, reason }, 'tail waits') // the part's state is logged where it is kept
      this.#said = reason
      health?.notReady(reason)
    }
    await sleep(this.#backOff.next(), signal)
  }

  recovered(): void {
    this.#backOff.reset()
    if (this.#said !== undefined) this.#deps.log.debug({ topic: this.#options.topic }, 'tail goes on')
    this.#said = undefined
    this.#since = undefined
  }
}
