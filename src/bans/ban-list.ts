import { type Ban, type BanSubject, isLive } from './ban.ts'
import { type BanKey, parseBanKey } from './ban-key.ts'
import { PrefixTrie } from './prefix-trie.ts'
import { parseWrittenAddress } from './written-address.ts'

export interface BanListOptions {
  readonly maxEntries: number
}

/**
 * The bans in memory. Overlapping entries coexist, and the longest live prefix decides. An expired entry bans nobody, even
 * before the sweep removes it. A full list evicts the entry that expires first.
 */
export class BanList {
  readonly #maxEntries: number
  readonly #bans = new Map<string, Ban>()
  readonly #tries = { ipv4: new PrefixTrie<Ban>(), ipv6: new PrefixTrie<Ban>() }

  constructor(options: BanListOptions) {
    this.#maxEntries = options.maxEntries
  }

  get size(): number {
    return this.#bans.size
  }

  /** Adds or replaces. The key is canonical. Returns the ban that was evicted to keep the bound, if any. */
  add(ban: Ban): Ban | undefined {
    const [evicted] = this.#bans.size >= this.#maxEntries && !this.#bans.has(ban.key) ? this.firstToGo(1) : []
    if (evicted) this.remove(evicted.key)
    const key = parseBanKey(ban.key)
    this.#bans.set(ban.key, ban)
    if (key.family !== 'peer') this.#tries[key.family].set(key.words, key.prefix, ban)
    return evicted
  }

  /** Returns the removed ban, if any. */
  remove(key: string): Ban | undefined {
    const ban = this.#bans.get(key)
    if (!ban) return undefined
    this.#bans.delete(key)
    const parsed: BanKey = parseBanKey(key)
    if (parsed.family !== 'peer') this.#tries[parsed.family].delete(parsed.words, parsed.prefix)
    return ban
  }

  clear(): void {
    this.#bans.clear()
    this.#tries.ipv4 = new PrefixTrie()
    this.#tries.ipv6 = new PrefixTrie()
  }

  get(key: string): Ban | undefined {
    return this.#bans.get(key)
  }

  /** The ban that bars the peer id or the address, if any. Text that is not an IP address matches no ban. */
  find({ peerId, address }: BanSubject, now: number): Ban | undefined {
    if (peerId) {
      const ban = this.#bans.get(peerId)
      if (ban && isLive(ban, now)) return ban
    }
    const parsed = address ? parseWrittenAddress(address) : undefined
    return parsed && this.#tries[parsed.family].longest(parsed.words, (ban) => isLive(ban, now))
  }

  /** The ban that covers the whole of a key: its own, or that of a shorter prefix. */
  covering(key: BanKey, now: number): Ban | undefined {
    if (key.family === 'peer') return this.find({ peerId: key.text }, now)
    const isShorter = (ban: Ban) => isLive(ban, now) && prefixOf(ban) <= key.prefix
    return this.#tries[key.family].longest(key.words, isShorter)
  }

  values(): IterableIterator<Ban> {
    return this.#bans.values()
  }

  /**
   * The entries to evict from a full list: those that expire first. Scans all entries instead of keeping a heap, because only an
   * addition to a full list pays for it.
   */
  firstToGo(count: number): Ban[] {
    if (count <= 0) return []
    if (count > 1) return [...this.#bans.values()].sort((left, right) => (goesBefore(left, right) ? -1 : 1)).slice(0, count)
    let first: Ban | undefined
    for (const ban of this.#bans.values()) if (!first || goesBefore(ban, first)) first = ban
    return first ? [first] : []
  }
}

function prefixOf(ban: Ban): number {
  const key = parseBanKey(ban.key)
  return key.family === 'peer' ? Number.POSITIVE_INFINITY : key.prefix
}

/** Permanent bans come last. Bans with the same end are ordered by `since`, then by key. Postgres orders by the same columns. */
function goesBefore(left: Ban, right: Ban): boolean {
  const leftUntil = left.until ?? Number.POSITIVE_INFINITY
  const rightUntil = right.until ?? Number.POSITIVE_INFINITY
  if (leftUntil !== rightUntil) return leftUntil < rightUntil
  return left.since === right.since ? left.key < right.key : left.since < right.since
}
