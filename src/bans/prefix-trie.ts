/**
 * A path-compressed binary trie over prefixes of at most four 32-bit words. A look-up visits at most one node per bit that
 * distinguishes entries (about 17 for 100,000 single addresses).
 *
 * Nodes are rows of one integer array instead of objects, because memory access dominates the time of a look-up.
 */
export class PrefixTrie<Value> {
  #rows = new Int32Array(16 * ROW)
  /** By node. Undefined for a node that only forks. */
  readonly #values: (Value | undefined)[] = [undefined]
  readonly #free: number[] = []
  #root = NONE

  set(words: readonly number[], length: number, value: Value): void {
    this.#root = this.#insert(this.#root, words, length, value)
  }

  delete(words: readonly number[], length: number): void {
    this.#root = this.#remove(this.#root, words, length)
  }

  /** The value of the longest prefix of `words` that `accept` accepts. */
  longest(words: readonly number[], accept: (value: Value) => boolean): Value | undefined {
    const rows = this.#rows
    const bits = words.length * 32
    let found: Value | undefined
    for (let node = this.#root; node !== NONE; ) {
      const row = node * ROW
      const length = rows[row] ?? 0
      // Only nodes with a value are compared: if one does not match, none below it can.
      if (rows[row + HAS_VALUE] === 1) {
        if (this.#common(node, words, length) < length) break
        const value = this.#values[node]
        if (value !== undefined && accept(value)) found = value
      }
      if (length >= bits) break
      node = rows[row + ZERO + bitAt(words, length)] ?? NONE
    }
    return found
  }

  #insert(node: number, words: readonly number[], length: number, value: Value): number {
    if (node === NONE) return this.#make(words, length, value)
    const own = this.#length(node)
    const common = this.#common(node, words, Math.min(own, length))
    if (common < own) {
      const above = this.#make(words, common, undefined)
      this.#setChild(above, this.#bitOf(node, common), node)
      return this.#insert(above, words, length, value)
    }
    if (length === own) this.#setValue(node, value)
    else this.#setChild(node, bitAt(words, own), this.#insert(this.#child(node, bitAt(words, own)), words, length, value))
    return node
  }

  #remove(node: number, words: readonly number[], length: number): number {
    if (node === NONE) return NONE
    const own = this.#length(node)
    if (length < own || this.#common(node, words, own) < own) return node
    if (length === own) this.#setValue(node, undefined)
    else this.#setChild(node, bitAt(words, own), this.#remove(this.#child(node, bitAt(words, own)), words, length))
    const [zero, one] = [this.#child(node, 0), this.#child(node, 1)]
    if (this.#values[node] !== undefined || (zero !== NONE && one !== NONE)) return node
    this.#free.push(node)
    return zero === NONE ? one : zero
  }

  #make(words: readonly number[], length: number, value: Value | undefined): number {
    const node = this.#free.pop() ?? this.#values.length
    if ((node + 1) * ROW > this.#rows.length) {
      const larger = new Int32Array(this.#rows.length * 2)
      larger.set(this.#rows)
      this.#rows = larger
    }
    this.#rows.fill(0, node * ROW, (node + 1) * ROW)
    this.#rows[node * ROW] = length
    this.#rows.set(words, node * ROW + WORDS)
    this.#setValue(node, value)
    return node
  }

  #setValue(node: number, value: Value | undefined): void {
    this.#values[node] = value
    this.#rows[node * ROW + HAS_VALUE] = value === undefined ? 0 : 1
  }

  #length(node: number): number {
    return this.#rows[node * ROW] ?? 0
  }

  #child(node: number, bit: number): number {
    return this.#rows[node * ROW + ZERO + bit] ?? NONE
  }

  #setChild(node: number, bit: number, child: number): void {
    this.#rows[node * ROW + ZERO + bit] = child
  }

  #bitOf(node: number, index: number): number {
    return ((this.#rows[node * ROW + WORDS + (index >>> 5)] ?? 0) >>> (31 - (index & 31))) & 1
  }

  /** The number of leading bits that a node's prefix and a key share, at most `limit`. */
  #common(node: number, words: readonly number[], limit: number): number {
    const first = node * ROW + WORDS
    for (let index = 0; index * 32 < limit; index++) {
      const difference = (this.#rows[first + index] ?? 0) ^ (words[index] ?? 0)
      if (difference !== 0) return Math.min(limit, index * 32 + Math.clz32(difference))
    }
    return limit
  }
}

/** Columns of a node's row: length of its prefix, 1 if it has a value, its two children, the words of its prefix. */
const ROW = 8
const HAS_VALUE = 1
const ZERO = 2
const WORDS = 4
/** No node: node 0 is never created. */
const NONE = 0

function bitAt(words: readonly number[], index: number): number {
  return ((words[index >>> 5] ?? 0) >>> (31 - (index & 31))) & 1
}
