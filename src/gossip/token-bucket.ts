/** A bucket of tokens that fills at a steady rate. Time comes from the caller, so one clock reading can serve many buckets. */
export class TokenBucket {
  #tokens: number
  #at: number

  constructor(tokens: number, now: number) {
    this.#tokens = tokens
    this.#at = now
  }

  /** Fills up to `now` and says how many tokens there are. Rate and burst may change from call to call. */
  level(now: number, ratePerSecond: number, burst: number): number {
    const elapsedMs = Math.max(0, now - this.#at)
    this.#at = now
    this.#tokens = Math.min(burst, this.#tokens + (elapsedMs * ratePerSecond) / 1000)
    return this.#tokens
  }

  /** Takes one token, into debt if need be: whoever calls has decided that it may. */
  take(): void {
    this.#tokens -= 1
  }
}
