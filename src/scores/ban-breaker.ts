export interface BanBreakerOptions {
  /** The share of the peers that may be banned by score within ten minutes. */
  readonly share: number
}

export interface BanBreakerDeps {
  /** How many peers are connected to this instance now. */
  readonly peers: () => number
  /** The peers that any instance has banned by score within these milliseconds. */
  readonly banned: (windowMs: number) => Promise<readonly string[]>
}

const WINDOW_MS = 600_000

/**
 * Stops automatic bans when too many peers would be banned at once: most likely it is our own node or its settings that are wrong. One
 * ban in ten minutes is always possible, so that a small network can defend itself. The bans of all instances count, also of those that
 * were started again meanwhile; the peers are those of this instance.
 */
export class BanBreaker {
  readonly #options: BanBreakerOptions
  readonly #deps: BanBreakerDeps

  constructor(options: BanBreakerOptions, deps: BanBreakerDeps) {
    this.#options = options
    this.#deps = deps
  }

  /** Whether one more peer may be banned now. A peer that was banned already costs nothing. */
  async allows(peerId: string): Promise<boolean> {
    const banned = await this.#deps.banned(WINDOW_MS)
    if (banned.includes(peerId)) return true
    return banned.length < Math.max(1, Math.floor((this.#deps.peers() + banned.length) * this.#options.share))
  }
}
