export interface TokenBucketOptions {
  readonly perSecond: number
  readonly burst: number
}

/** Lets `perSecond` through in the long run and `burst` at once. */
export class TokenBucket {
  readonly #options: TokenBucketOptions
  #tokens: number
  #filledAt: number

  constructor(options: TokenBucketOptions, now: number) {
    this.#options = options
    this.#tokens = options.burst
    this.#filledAt = now
  }

  take(now: number): boolean {
    const gained = (Math.max(0, now - this.#filledAt) / 1000) * this.#options.perSecond
    this.#tokens = Math.min(this.#options.burst, this.#tokens + gained)
    this.#filledAt = now
    if (this.#tokens < 1) return false
    this.#tokens -= 1
    return true
  }
}
