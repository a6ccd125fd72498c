import type { Clock } from '../../lifecycle/clock.ts'

/** A batch of up to this many records is small: the next batch need not wait. */
const SMALL_BATCH_RECORDS = 3
const APART_MS = 4

/**
 * Under load, batches begin at least a few milliseconds apart. A batch of one record costs a request, an answer and a read, just as a
 * batch of a hundred does. Without a pace, fast brokers keep the thread busy with small batches while all other work waits. A single
 * record is never delayed.
 */
export class BatchPace {
  readonly #clock: Pick<Clock, 'steady'>
  #startedAt = Number.NEGATIVE_INFINITY
  #isBusy = false

  constructor({ clock }: { clock: Pick<Clock, 'steady'> }) {
    this.#clock = clock
  }

  /** Call it with the size of each batch when the batch begins. */
  begun(records: number): void {
    this.#startedAt = this.#clock.steady()
    this.#isBusy = records > SMALL_BATCH_RECORDS
  }

  /** How long the next batch should wait for more records, in milliseconds. */
  waitMs(): number {
    return this.#isBusy ? Math.max(0, this.#startedAt + APART_MS - this.#clock.steady()) : 0
  }
}
