import { dropOldest } from '../lifecycle/bounds/drop-oldest.ts'
import type { Clock } from '../lifecycle/clock.ts'
import { TokenBucket, type TokenRate } from '../lifecycle/pace/token-bucket.ts'

const MAX_SIGNERS = 10_000

/** How often each signer may send messages of one kind, whoever passes them on. Bounded: the signer that was silent longest is forgotten. */
export class SignerRates {
  readonly #rate: TokenRate
  readonly #clock: Pick<Clock, 'steady'>
  readonly #buckets = new Map<string, TokenBucket>()

  constructor(rate: TokenRate, { clock }: { clock: Pick<Clock, 'steady'> }) {
    this.#rate = rate
    this.#clock = clock
  }

  admit(signer: string): boolean {
    const now = this.#clock.steady()
    const bucket = this.#buckets.get(signer) ?? new TokenBucket(this.#rate.burst, now)
    this.#buckets.delete(signer)
    this.#buckets.set(signer, bucket)
    dropOldest(this.#buckets, MAX_SIGNERS)
    return bucket.tryTake(now, this.#rate)
  }
}
