/**
 * A map that forgets: entries not touched for `idleMs` go, and beyond `maxEntries` the one that was touched longest ago. So
 * its size is also the number of recently active keys.
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

  /** The key's value, made by `create` where there is none, now the most recently used. */
  touch(key: string, now: number, create: () => V): V {
    this.#forgetIdle(now)
    const entry = this.#entries.get(key) ?? { value: create(), at: now }
    this.#entries.delete(key)
    entry.at = now
    this.#entries.set(key, entry)
    if (this.#entries.size > this.#maxEntries) this.#forgetOldest()
    return entry.value
  }

  /** A Map keeps the order of insertion, and touching inserts anew, so the idle ones stand in front. */
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
