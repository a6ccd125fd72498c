import { parseId, ID_WORDS as WORDS } from './id-words.ts'

export interface IdTableOptions {
  readonly maxIds: number
}

const FIRST_CAPACITY = 1024
/** Buckets per id: at most half of them are used, so a look-up ends after one or two steps. */
const BUCKETS_PER_ID = 2
const NONE = -1

/**
 * First offset and last copy of up to `maxIds` event ids, in order of their last copy. An open-addressing hash table in typed arrays
 * rather than a Map, because a quarter of a million strings and objects take four times the memory, and each renewal is work for the
 * garbage collector. An entry takes about 48 bytes; the arrays double as they fill. Hashes are seeded, because strangers choose the ids.
 */
export class IdTable {
  readonly #maxIds: number
  readonly #seed = crypto.getRandomValues(new Uint32Array(WORDS))
  /** The last parsed id. */
  readonly #id = new Uint32Array(WORDS)
  #arrays: Arrays
  #size = 0
  #oldest = NONE
  #newest = NONE
  /** Chain of freed entries, linked by `next`. */
  #free = NONE
  /** Entries from this index on were never used. */
  #unused = 0

  constructor({ maxIds }: IdTableOptions) {
    this.#maxIds = maxIds
    this.#arrays = createArrays(Math.min(FIRST_CAPACITY, maxIds + 1))
  }

  get size(): number {
    return this.#size
  }

  has(id: string): boolean {
    return this.#find(id) !== NONE
  }

  /** Offset of the copy that counted as first; undefined for an unknown id. */
  firstOf(id: string): bigint | undefined {
    const entry = this.#find(id)
    return entry === NONE ? undefined : this.#arrays.first[entry]
  }

  /** A copy of an id at an offset: renews the id, or adds it and returns true. Beyond `maxIds` the oldest id is dropped. */
  touch(id: string, offset: bigint, time: number): boolean {
    const known = this.#find(id)
    if (known !== NONE) {
      this.#unlink(known)
      this.#append(known, time)
      return false
    }
    const entry = this.#newEntry()
    this.#arrays.ids.set(this.#id, entry * WORDS)
    this.#arrays.first[entry] = offset
    this.#enter(entry)
    this.#append(entry, time)
    this.#size += 1
    while (this.#size > this.#maxIds) this.#dropOldest()
    return true
  }

  /** Drops ids whose last copy is older than this time. */
  forgetBefore(time: number): void {
    while (this.#oldest !== NONE && (this.#arrays.last[this.#oldest] as number) < time) this.#dropOldest()
  }

  /** Drops ids whose first copy is at or after an offset. Walks the whole table, so it is only for rare events. */
  forgetFrom(offset: bigint): void {
    for (let entry = this.#oldest; entry !== NONE; ) {
      const after = this.#arrays.next[entry] as number
      if ((this.#arrays.first[entry] as bigint) >= offset) this.#drop(entry)
      entry = after
    }
  }

  clear(): void {
    this.#arrays = createArrays(Math.min(FIRST_CAPACITY, this.#maxIds + 1))
    this.#size = 0
    this.#oldest = NONE
    this.#newest = NONE
    this.#free = NONE
    this.#unused = 0
  }

  #find(id: string): number {
    parseId(id, this.#id)
    const { buckets, ids } = this.#arrays
    const mask = buckets.length - 1
    for (let bucket = this.#hash(this.#id, 0) & mask; ; bucket = (bucket + 1) & mask) {
      const entry = buckets[bucket] as number
      if (entry === NONE || isEqual(ids, entry * WORDS, this.#id)) return entry
    }
  }

  #hash(words: Uint32Array, from: number): number {
    let hash = 0
    for (let word = 0; word < WORDS; word++) {
      hash = Math.imul(hash ^ (words[from + word] as number) ^ (this.#seed[word] as number), 0x9e3779b1)
      hash ^= hash >>> 15
    }
    return hash
  }

  /** Puts an entry into the first free bucket at or after its own. */
  #enter(entry: number): void {
    const { buckets, ids } = this.#arrays
    const mask = buckets.length - 1
    let bucket = this.#hash(ids, entry * WORDS) & mask
    while ((buckets[bucket] as number) !== NONE) bucket = (bucket + 1) & mask
    buckets[bucket] = entry
  }

  #dropOldest(): void {
    this.#drop(this.#oldest)
  }

  #drop(entry: number): void {
    this.#unlink(entry)
    this.#leave(entry)
    this.#arrays.next[entry] = this.#free
    this.#free = entry
    this.#size -= 1
  }

  /** Empties the bucket of an entry and moves displaced entries after it back, so that no look-up ends too early. */
  #leave(entry: number): void {
    const { buckets, ids } = this.#arrays
    const mask = buckets.length - 1
    let hole = this.#hash(ids, entry * WORDS) & mask
    while ((buckets[hole] as number) !== entry) hole = (hole + 1) & mask
    for (let bucket = (hole + 1) & mask; ; bucket = (bucket + 1) & mask) {
      const moved = buckets[bucket] as number
      if (moved === NONE) break
      const home = this.#hash(ids, moved * WORDS) & mask
      const isHomeBehindHole = ((bucket - home) & mask) < ((bucket - hole) & mask)
      if (isHomeBehindHole) continue
      buckets[hole] = moved
      hole = bucket
    }
    buckets[hole] = NONE
  }

  #newEntry(): number {
    const entry = this.#free
    if (entry !== NONE) {
      this.#free = this.#arrays.next[entry] as number
      return entry
    }
    if (this.#unused === this.#arrays.first.length) this.#grow()
    return this.#unused++
  }

  /** Before the oldest is dropped, the table holds one id more than `maxIds`. */
  #grow(): void {
    const old = this.#arrays
    const arrays = createArrays(Math.min(old.first.length * 2, this.#maxIds + 1))
    arrays.ids.set(old.ids)
    arrays.first.set(old.first)
    arrays.last.set(old.last)
    arrays.previous.set(old.previous)
    arrays.next.set(old.next)
    this.#arrays = arrays
    for (let entry = this.#oldest; entry !== NONE; entry = arrays.next[entry] as number) this.#enter(entry)
  }

  #append(entry: number, time: number): void {
    const { last, previous, next } = this.#arrays
    last[entry] = time
    previous[entry] = this.#newest
    next[entry] = NONE
    if (this.#newest === NONE) this.#oldest = entry
    else next[this.#newest] = entry
    this.#newest = entry
  }

  #unlink(entry: number): void {
    const { previous, next } = this.#arrays
    const [before, after] = [previous[entry] as number, next[entry] as number]
    if (before === NONE) this.#oldest = after
    else next[before] = after
    if (after === NONE) this.#newest = before
    else previous[after] = before
  }
}

/** One element per entry, `WORDS` elements in `ids`. */
interface Arrays {
  readonly ids: Uint32Array
  readonly first: BigInt64Array
  readonly last: Float64Array
  readonly previous: Int32Array
  readonly next: Int32Array
  /** Entries by the hashes of their ids. */
  readonly buckets: Int32Array
}

function createArrays(capacity: number): Arrays {
  const buckets = 2 ** Math.ceil(Math.log2(capacity * BUCKETS_PER_ID))
  return {
    ids: new Uint32Array(capacity * WORDS),
    first: new BigInt64Array(capacity),
    last: new Float64Array(capacity),
    previous: new Int32Array(capacity),
    next: new Int32Array(capacity),
    buckets: new Int32Array(buckets).fill(NONE),
  }
}

function isEqual(ids: Uint32Array, from: number, id: Uint32Array): boolean {
  return ids[from] === id[0] && ids[from + 1] === id[1] && ids[from + 2] === id[2] && ids[from + 3] === id[3]
}
