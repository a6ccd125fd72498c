import { RecentMap } from '../recent-map.ts'

/** The third offence ends it. An honest node commits none. */
const MAX_OFFENCES = 3
const PEER_OUT_MS = 600_000
/** Shorter, because honest nodes may stand behind the same address. */
const ADDRESS_OUT_MS = 60_000
/** So many peers that were kept out make their address one that is kept out. */
const MAX_PEERS_PER_NETWORK = 3
const MAX_ENTRIES = 4096

/**
 * Neighbours that did what honest nodes never do, and the addresses behind which several of them were. They are let in again after a
 * while, because this is no ban: it is not decided by the operator, and other instances know nothing of it.
 */
export class KeptOut {
  readonly #now: () => number
  readonly #offences = new RecentMap<{ count: number }>({ idleMs: PEER_OUT_MS, maxEntries: MAX_ENTRIES })
  readonly #peers = new Until(PEER_OUT_MS)
  readonly #peersOfNetwork = new RecentMap<Set<string>>({ idleMs: PEER_OUT_MS, maxEntries: MAX_ENTRIES })
  readonly #networks = new Until(ADDRESS_OUT_MS)

  constructor({ now }: { now: () => number }) {
    this.#now = now
  }

  /** True when the peer is kept out, from now on or already; its connections have to be closed. */
  offence(peerId: string, network: string | null): boolean {
    const now = this.#now()
    const offences = this.#offences.touch(peerId, now, () => ({ count: 0 }))
    offences.count += 1
    if (offences.count < MAX_OFFENCES) return false
    this.#peers.add(peerId, now)
    if (network === null) return true
    const peers = this.#peersOfNetwork.touch(network, now, () => new Set())
    if (peers.size < MAX_PEERS_PER_NETWORK) peers.add(peerId)
    if (peers.size >= MAX_PEERS_PER_NETWORK) this.#networks.add(network, now)
    return true
  }

  hasPeer(peerId: string): boolean {
    return this.#peers.has(peerId, this.#now())
  }

  hasNetwork(network: string): boolean {
    return this.#networks.has(network, this.#now())
  }
}

/** Keys for a time, the oldest ones dropped beyond the bound. */
class Until {
  readonly #ms: number
  readonly #entries = new Map<string, number>()

  constructor(ms: number) {
    this.#ms = ms
  }

  add(key: string, now: number): void {
    this.#entries.delete(key)
    this.#entries.set(key, now + this.#ms)
    const [oldest] = this.#entries.keys()
    if (this.#entries.size > MAX_ENTRIES && oldest !== undefined) this.#entries.delete(oldest)
  }

  has(key: string, now: number): boolean {
    const until = this.#entries.get(key)
    if (until === undefined) return false
    if (now < until) return true
    this.#entries.delete(key)
    return false
  }
}
