import { TokenBucket } from '../../../lifecycle/pace/token-bucket.ts'
import { RecentMap } from '../../recent-map.ts'

/** Work on an RPC, in units of some microseconds: one for the RPC, one for each entry, and these. */
const BYTES_PER_UNIT = 512
const IDS_PER_UNIT = 16
/** An honest relay needs some four units for each message: the RPC, the message, and the same for what it says about it. */
const UNITS_PER_MESSAGE = 5
const IDS = { perSecond: 10_000, burst: 20_000 }
/** Nodes subscribe once, when they start. */
const SUBSCRIPTIONS = { perSecond: 10, burst: 1000 }
const IDLE_MS = 60_000
const MAX_NEIGHBOURS = 4096

/** What an RPC brings. */
export interface RpcSize {
  readonly bytes: number
  readonly entries: number
  readonly ids: number
}

interface Budget {
  readonly work: TokenBucket
  readonly ids: TokenBucket
  readonly subscriptions: TokenBucket
}

/**
 * What each neighbour may cost us, whatever it sends. It belongs to the peer id, so that neither another stream nor another connection brings
 * a new one.
 */
export class NeighbourBudgets {
  readonly #options: { readonly messagesPerSecond: number }
  readonly #now: () => number
  readonly #budgets = new RecentMap<Budget>({ idleMs: IDLE_MS, maxEntries: MAX_NEIGHBOURS })

  /** `messagesPerSecond` is the inbound rate in total; 0 lets neighbours work without a bound. Asked each time: a reload may change it. */
  constructor(options: { readonly messagesPerSecond: number }, { now }: { now: () => number }) {
    this.#options = options
    this.#now = now
  }

  /** Charges an RPC. Returns for how many milliseconds the neighbour has to wait before it is worked on. */
  charge(peerId: string, { bytes, entries, ids }: RpcSize): number {
    const perSecond = this.#unitsPerSecond
    if (perSecond === 0) return 0
    const { work } = this.#of(peerId)
    const level = work.level(this.#now(), perSecond, 2 * perSecond)
    work.take(1 + entries + bytes / BYTES_PER_UNIT + ids / IDS_PER_UNIT)
    return level >= 0 ? 0 : (-level * 1000) / perSecond
  }

  /** How many of these ids may be worked on. */
  ids(peerId: string, wanted: number): number {
    return this.#take(this.#of(peerId).ids, wanted, IDS)
  }

  /** How many of these subscriptions may be worked on. */
  subscriptions(peerId: string, wanted: number): number {
    return this.#take(this.#of(peerId).subscriptions, wanted, SUBSCRIPTIONS)
  }

  #take(bucket: TokenBucket, wanted: number, { perSecond, burst }: { perSecond: number; burst: number }): number {
    const given = Math.min(wanted, Math.max(0, Math.floor(bucket.level(this.#now(), perSecond, burst))))
    bucket.take(given)
    return given
  }

  get #unitsPerSecond(): number {
    return this.#options.messagesPerSecond * UNITS_PER_MESSAGE
  }

  #of(peerId: string): Budget {
    const now = this.#now()
    return this.#budgets.touch(peerId, now, () => ({
      work: new TokenBucket(2 * this.#unitsPerSecond, now),
      ids: new TokenBucket(IDS.burst, now),
      subscriptions: new TokenBucket(SUBSCRIPTIONS.burst, now),
    }))
  }
}
