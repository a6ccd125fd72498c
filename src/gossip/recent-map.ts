/**
 * A map that drops entries not touched for `idleMs`, and beyond `maxEntries` the least recently touched one. So its size is also
 * the number of recently active keys.
 */
export class RecentMap<V> {
  readonly #entries = new Map<string, { value: V; at: number }>()
  readonly #idleMs: number
  readonly #maxEntries: number

  constructor({ idleMs, maxEntries }: { idleMs: number; maxEntries: number }) {
    this.#idleMs = idleMs
    this.#maxEntries = maxEntries
  }

  get size(): number {
    return this.#entries.size
  }

  /** Returns the key's value, created by `create` if missing, and marks it as the most recently used. */
  touch(key: string, now: number, create: () => V): V {
    this.#forgetIdle(now)
    const entry = this.#entries.get(key) ?? { value: create(), at: now }
    this.#entries.delete(key)
    entry.at = now
    this.#entries.set(key, entry)
    if (this.#entries.size > this.#maxEntries) this.#forgetOldest()
    return entry.value
  }

  /** A Map keeps insertion order, and touching inserts again, so idle entries come first. */
  #forgetIdle(now: number): void {
    for (const [key, entry] of this.#entries) {
      if (now - entry.at < this.#idleMs) return
      this.#entries.delete(key)
    }
  }

  #forgetOldest(): void {
    const oldest = this.#entries.keys().next().value
    if (oldest !== undefined) this.#entries.delete(oldest)
  }
}
