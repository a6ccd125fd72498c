const KEPT = 200

/** What each node says is its best block: `{ peerId, name, hash, height, at }` by the peer id, `own` for the own node. Bounded. */
export class Tips {
  #byPeer = new Map()

  /** Highest first; of equal ones, who had it first. */
  get all() {
    return [...this.#byPeer.values()].sort((a, b) => b.height - a.height || a.at - b.at)
  }

  /** `isState`: the node says where it is. Else it has announced a block, which may be an older one. */
  add({ peerId, name, hash, height, at, offset, isState }) {
    const known = this.#byPeer.get(peerId)
    if (known && (offset <= known.offset || (!isState && height < known.height))) {
      if (name) known.name ||= name
      return
    }
    this.#byPeer.delete(peerId)
    const since = known?.hash === hash ? known.at : at
    this.#byPeer.set(peerId, { peerId, name: name || known?.name || '', hash, height, at: since, heardAt: at, offset })
    for (const oldest of this.#byPeer.keys()) {
      if (this.#byPeer.size <= KEPT) break
      this.#byPeer.delete(oldest)
    }
  }

  clear() {
    this.#byPeer.clear()
  }
}
