import { dropOldest } from '../bounds/drop-oldest.ts'
import type { Clock } from '../clock.ts'
import { TokenBucket, type TokenRate } from './token-bucket.ts'

/** Networks with wrong guesses that are remembered; the oldest are forgotten first. */
const MOST_NETWORKS = 1000

/** Wrong secrets per network (an IPv4 address or an IPv6 /64): so many on average and at once. */
export class Guesses {
  readonly #rate: TokenRate
  readonly #clock: Pick<Clock, 'steady'>
  readonly #wrong = new Map<string, TokenBucket>()

  constructor(rate: TokenRate, { clock }: { readonly clock: Pick<Clock, 'steady'> }) {
    this.#rate = rate
    this.#clock = clock
  }

  /** Whether the network has guessed too often. Then not even a right secret may be confirmed, or the limit would not slow down guessing. */
  areTooMany(network: string): boolean {
    const { perSecond, burst } = this.#rate
    const bucket = this.#wrong.get(network)
    return bucket !== undefined && bucket.level(this.#clock.steady(), perSecond, burst) < 1
  }

  wrong(network: string): void {
    const bucket = this.#wrong.get(network) ?? new TokenBucket(this.#rate.burst, this.#clock.steady())
    this.#wrong.delete(network)
    this.#wrong.set(network, bucket)
    bucket.take()
    dropOldest(this.#wrong, MOST_NETWORKS)
  }
}
