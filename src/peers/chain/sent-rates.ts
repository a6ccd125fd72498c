import type { Clock } from '../../lifecycle/clock.ts'
import { TokenBucket, type TokenRate } from '../../lifecycle/pace/token-bucket.ts'
import type { AnnouncementType } from '../../messages/announcement.ts'

export interface SentRatesDeps {
  /** Undefined for a kind without a limit. */
  readonly rateOf: (type: AnnouncementType) => TokenRate | undefined
  readonly clock: Pick<Clock, 'steady'>
}

/** How often this instance sends each kind, for kinds of which the network's nodes send only so many. */
export class SentRates {
  readonly #deps: SentRatesDeps
  /** One for each kind that has a limit. */
  readonly #buckets = new Map<AnnouncementType, TokenBucket>()

  constructor(deps: SentRatesDeps) {
    this.#deps = deps
  }

  /** Counts one more message of the kind; false if it is one too many. */
  admit(type: AnnouncementType): boolean {
    const rate = this.#deps.rateOf(type)
    if (rate === undefined) return true
    const now = this.#deps.clock.steady()
    const bucket = this.#buckets.get(type) ?? new TokenBucket(rate.burst, now)
    this.#buckets.set(type, bucket)
    return bucket.tryTake(now, rate)
  }
}
