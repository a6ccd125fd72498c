export interface TokenRate {
  readonly perSecond: number
  readonly burst: number
}

/**
 * Token bucket: `perSecond` on average, at most `burst` at once. Time comes from the caller, in milliseconds of a steady clock, so one
 * reading of the clock can serve many buckets; the rate too, because shares change with the number of those that share.
 */
export class TokenBucket {
  #tokens: number
  #at: number

  constructor(tokens: number, now: number) {
    this.#tokens = tokens
    this.#at = now
  }

  /** Fills up to `now`; gives the number of tokens. */
  level(now: number, perSecond: number, burst: number): number {
    const elapsedMs = Math.max(0, now - this.#at)
    this.#at = now
    this.#tokens = Math.min(burst, this.#tokens + (elapsedMs * perSecond) / 1000)
    return this.#tokens
  }

  /** Takes one token, into debt when there is none: the caller has decided. */
  take(): void {
    this.#tokens -= 1
  }

  /** Takes one token when there is one. */
  tryTake(now: number, { perSecond, burst }: TokenRate): boolean {
    if (this.level(now, perSecond, burst) < 1) return false
    this.take()
    return true
  }
}
