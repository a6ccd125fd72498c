import { TokenBucket } from '../../lifecycle/pace/token-bucket.ts'
import { RecentMap } from '../recent-map.ts'

const IDLE_MS = 60_000
const MAX_NETWORKS = 4096

/**
 * New connections a second of one IPv4 address or IPv6 /64: each costs a handshake, however short it lives. libp2p's own bound counts each
 * IPv6 address by itself, of which a household has more than anybody can try, and refuses without a trace.
 */
export class Arrivals {
  readonly #rate: { readonly perSecond: number; readonly burst: number }
  readonly #now: () => number
  readonly #networks = new RecentMap<TokenBucket>({ idleMs: IDLE_MS, maxEntries: MAX_NETWORKS })

  constructor({ perSecond }: { perSecond: number }, { now }: { now: () => number }) {
    this.#rate = { perSecond, burst: perSecond }
    this.#now = now
  }

  admit(network: string): boolean {
    const now = this.#now()
    return this.#networks.touch(network, now, () => new TokenBucket(this.#rate.burst, now)).tryTake(now, this.#rate)
  }
}
