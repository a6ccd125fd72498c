export interface BanBreakerOptions {
  /** The share of the peers that may be banned by score within the window. */
  readonly share: number
  readonly windowMs?: number
}

export interface BanBreakerDeps {
  /** How many peers the network shows us now. */
  readonly peers: () => number
  readonly clock: { steady(): number }
}

const WINDOW_MS = 600_000

/**
 * Stops automatic bans when too many peers would be banned at once: most likely it is our own node or its settings that are wrong. One
 * ban in the window is always possible, so that a small network can defend itself.
 */
export class BanBreaker {
  readonly #options: BanBreakerOptions
  readonly #deps: BanBreakerDeps
  /** When each peer was banned, the oldest first. */
  readonly #banned = new Map<string, number>()

  constructor(options: BanBreakerOptions, deps: BanBreakerDeps) {
    this.#options = options
    this.#deps = deps
  }

  /** Whether one more peer may be banned now. A peer that was banned already costs nothing. */
  allows(peerId: string): boolean {
    this.#forget()
    if (this.#banned.has(peerId)) return true
    const most = Math.max(1, Math.floor((this.#deps.peers() + this.#banned.size) * this.#options.share))
    return this.#banned.size < most
  }

  banned(peerId: string): void {
    this.#banned.delete(peerId)
    this.#banned.set(peerId, this.#deps.clock.steady())
  }

  #forget(): void {
    const oldest = this.#deps.clock.steady() - (this.#options.windowMs ?? WINDOW_MS)
    for (const [peerId, at] of this.#banned) {
      if (at > oldest) break
      this.#banned.delete(peerId)
    }
  }
}
