import type { Clock } from '../../lifecycle/clock.ts'

/** A batch of up to this many records is small: the next batch need not wait. */
const SMALL_BATCH_RECORDS = 3
const APART_MS = 4
/** Above 2,000 records a second the batches grow: requests then cost more than the few milliseconds are worth. */
const MS_PER_RECORD = 0.5
const LONGEST_APART_MS = 12

/**
 * Under load, batches begin at least a few milliseconds apart. A batch of one record costs a request, an answer and a read, just as a
 * batch of a hundred does. Without a pace, fast brokers keep the thread busy with small batches while all other work waits. A single
 * record is never delayed.
 */
export class BatchPace {
  readonly #clock: Pick<Clock, 'steady'>
  #startedAt = Number.NEGATIVE_INFINITY
  #apartMs = 0

  constructor({ clock }: { clock: Pick<Clock, 'steady'> }) {
    this.#clock = clock
  }

  /** Call it with the size of each batch when the batch begins. */
  begun(records: number): void {
    this.#startedAt = this.#clock.steady()
    this.#apartMs = records > SMALL_BATCH_RECORDS ? Math.min(LONGEST_APART_MS, Math.max(APART_MS, records * MS_PER_RECORD)) : 0
  }

  /** How long the next batch should wait for more records, in milliseconds. */
  waitMs(): number {
    return this.#apartMs > 0 ? Math.max(0, this.#startedAt + this.#apartMs - this.#clock.steady()) : 0
  }
}
