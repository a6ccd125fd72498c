import type { Clock } from '../clock.ts'

/** How far apart batches begin under load, where somebody waits for each of them. */
const APART_MS = 4
/** The same on the way of own notifications to peers. */
export const PROMPT_APART_MS = 1
/** The same where nobody waits for milliseconds. */
export const RELAXED_APART_MS = 8
/** Above 2,000 records a second the batches grow: requests then cost more than the few milliseconds are worth. */
const MS_PER_RECORD = 0.5
const LONGEST_APART_MS = 12

/**
 * Under load, batches begin at least a few milliseconds apart. A batch of one record costs a request, an answer and a read, just as a
 * batch of a hundred does. Without a pace, fast brokers keep the thread busy with small batches while all other work waits. A single
 * record is not delayed when the batch before it began at least four milliseconds earlier.
 */
export class BatchPace {
  readonly #leastApartMs: number
  readonly #clock: Pick<Clock, 'steady'>
  #startedAt = Number.NEGATIVE_INFINITY
  #apartMs = 0

  constructor({ apartMs = APART_MS }: { apartMs?: number | undefined }, { clock }: { clock: Pick<Clock, 'steady'> }) {
    this.#leastApartMs = apartMs
    this.#clock = clock
  }

  /** Call it with the size of each batch when the batch begins. */
  begun(records: number): void {
    const now = this.#clock.steady()
    const quickMs = this.#apartMs > 0 ? 2 * this.#leastApartMs : APART_MS
    const isLoad = records > 1 || now - this.#startedAt < quickMs
    this.#startedAt = now
    this.#apartMs = isLoad ? Math.min(LONGEST_APART_MS, Math.max(this.#leastApartMs, records * MS_PER_RECORD)) : 0
  }

  /** How long the next batch should wait for more records, in milliseconds. */
  waitMs(): number {
    return this.#apartMs > 0 ? Math.max(0, this.#startedAt + this.#apartMs - this.#clock.steady()) : 0
  }
}
