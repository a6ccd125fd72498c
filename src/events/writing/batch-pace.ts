/** Up to so many records a batch is small: nobody is in a hurry behind it. */
const SMALL_BATCH_RECORDS = 3
const EACH_MS = 4

/**
 * Under load, batches begin at least a few milliseconds apart. Each costs a request, an answer and a read of the same size for one
 * record as for a hundred, so that without a pace fast brokers have the thread busy with many small batches, and everything
 * else waits. What comes alone is never held up.
 */
export class BatchPace {
  readonly #now: () => number
  #startedAt = Number.NEGATIVE_INFINITY
  #isBusy = false

  constructor(now: () => number = () => performance.now()) {
    this.#now = now
  }

  /** To be called with the size of each batch when it begins. */
  begun(records: number): void {
    this.#startedAt = this.#now()
    this.#isBusy = records > SMALL_BATCH_RECORDS
  }

  /** How long the next batch should wait for company, in milliseconds. */
  waitMs(): number {
    return this.#isBusy ? Math.max(0, this.#startedAt + EACH_MS - this.#now()) : 0
  }
}
