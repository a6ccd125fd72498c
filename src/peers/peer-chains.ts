/** What a peer said about its chain. */
export interface PeerChain {
  readonly height: number
  readonly hash: string | null
  readonly dataHubUrl: string
}

/** What each peer said last. Bounded: the peer that has been silent longest is forgotten. */
export class PeerChains {
  readonly #byPeer = new Map<string, PeerChain>()
  readonly #maxPeers: number

  constructor({ maxPeers = 10_000 }: { maxPeers?: number } = {}) {
    this.#maxPeers = maxPeers
  }

  say(peerId: string, chain: PeerChain): void {
    this.#byPeer.delete(peerId)
    this.#byPeer.set(peerId, chain)
    const [oldest] = this.#byPeer.keys()
    if (this.#byPeer.size > this.#maxPeers && oldest !== undefined) this.#byPeer.delete(oldest)
  }

  of(peerId: string): PeerChain | undefined {
    return this.#byPeer.get(peerId)
  }

  get size(): number {
    return this.#byPeer.size
  }
}
