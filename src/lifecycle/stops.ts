import type { Logger } from 'pino'
import type { Clock } from './clock.ts'
import { withDeadline } from './time.ts'

export interface StopsDeps {
  readonly log: Pick<Logger, 'debug' | 'error'>
  readonly clock: Pick<Clock, 'steady'>
}

interface NamedStop {
  readonly name: string
  readonly stop: () => Promise<void> | void
}

/**
 * Stops the started parts in reverse order, each with a name and a time limit. If a stop fails, the others still run. A stop that
 * hangs gets at most half of the remaining time.
 */
export class Stops {
  readonly #stops: NamedStop[] = []
  readonly #log: Pick<Logger, 'debug' | 'error'>
  readonly #clock: Pick<Clock, 'steady'>
  #running: Promise<void> | undefined

  constructor({ log, clock }: StopsDeps) {
    this.#log = log
    this.#clock = clock
  }

  /** Call it right after the part is created, or before its start if stopping a half-started part does no harm. */
  add(name: string, stop: () => Promise<void> | void): void {
    this.#stops.push({ name, stop })
  }

  /**
   * Stops everything within the deadline. Rejects with an AggregateError of all failures. A second call joins the first, and stops
   * the parts that a start in progress has added since.
   */
  run(deadlineMs: number): Promise<void> {
    const deadline = this.#clock.steady() + deadlineMs
    this.#running = this.#running === undefined ? this.#runAll(deadline) : this.#running.finally(() => this.#runAll(deadline))
    return this.#running
  }

  async #runAll(deadline: number): Promise<void> {
    const failures: Error[] = []
    for (let next = this.#stops.pop(); next; next = this.#stops.pop()) {
      const startedAt = this.#clock.steady()
      const left = Math.max(0, deadline - startedAt)
      const limitMs = this.#stops.length === 0 ? left : left / 2
      try {
        await withDeadline(Promise.resolve(next.stop()), Math.round(limitMs), 'it')
        this.#log.debug({ part: next.name, ms: Math.round(this.#clock.steady() - startedAt) }, 'stopped')
      } catch (cause) {
        const error = new Error(`${next.name} did not stop: ${cause instanceof Error ? cause.message : cause}`, { cause })
        this.#log.error({ part: next.name, err: cause, ms: Math.round(this.#clock.steady() - startedAt) }, 'stop failed')
        failures.push(error)
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, failures.map((error) => error.message).join('; '))
  }
}
