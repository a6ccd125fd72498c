/** A connected peer, and its IP address. */
export interface CrowdMember {
  readonly peerId: string
  readonly address: string | null
}

/** Something that knows the connected peers. */
export interface CrowdSource {
  list(): readonly CrowdMember[]
  /** Calls the listener when a peer connects or leaves. Returns the unsubscribe function. */
  onChange(listener: () => void): () => void
}

/** The peers that are connected to this instance, for parts that start before the host does. */
export class Crowd {
  #addresses = new Map<string, string | null>()

  /** Follows the connected peers from now on; returns the undo. */
  follow(source: CrowdSource): () => void {
    const look = () => {
      this.#addresses = new Map(source.list().map(({ peerId, address }) => [peerId, address]))
    }
    look()
    return source.onChange(look)
  }

  get size(): number {
    return this.#addresses.size
  }

  /** The IP address of a connected peer; null if it is unknown. */
  addressOf(peerId: string): string | null {
    return this.#addresses.get(peerId) ?? null
  }
}
