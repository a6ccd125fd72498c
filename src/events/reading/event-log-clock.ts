/**
 * What time it is by the log, whose broker stamps each record: the own clock may be minutes off, and ages of records must not be.
 * Until the first new record has come by there is only the own clock; the own instance record is one, each minute.
 */
export class LogClock {
  readonly #now: () => number
  #aheadMs = 0

  /** `now` is the own clock, in milliseconds since the epoch. */
  constructor({ now }: { now: () => number }) {
    this.#now = now
  }

  /**
   * A record came by a moment after it was written. One that was under way for longer makes the log's time seem earlier, and so records
   * younger than they are, until the next one: what is judged by its age is then rather kept than dropped.
   */
  observe(timestamp: number): void {
    this.#aheadMs = this.#now() - timestamp
  }

  /** Milliseconds since the epoch. */
  now(): number {
    return this.#now() - this.#aheadMs
  }
}
