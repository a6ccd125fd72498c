export interface TokenRate {
  readonly perSecond: number
  readonly burst: number
}

/**
 * Token bucket: `perSecond` on average, at most `burst` at once. The caller passes the time, in milliseconds of a steady clock, so one
 * reading can serve many buckets. The caller also passes the rate, because a share changes with the number of sharers.
 */
export class TokenBucket {
  #tokens: number
  #at: number

  constructor(tokens: number, now: number) {
    this.#tokens = tokens
    this.#at = now
  }

  /** Fills up to `now`. Returns the number of tokens. */
  level(now: number, perSecond: number, burst: number): number {
    const elapsedMs = Math.max(0, now - this.#at)
    this.#at = now
    this.#tokens = Math.min(burst, this.#tokens + (elapsedMs * perSecond) / 1000)
    return this.#tokens
  }

  /** Takes tokens unconditionally. The level may go below zero. */
  take(tokens = 1): void {
    this.#tokens -= tokens
  }

  /** Takes one token if there is one. */
  tryTake(now: number, { perSecond, burst }: TokenRate): boolean {
    if (this.level(now, perSecond, burst) < 1) return false
    this.take()
    return true
  }
}
