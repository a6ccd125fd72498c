/**
 * A path-compressed binary trie over prefixes of 32-bit words. A look-up walks at most one node per bit that tells entries
 * apart (about 17 for 100,000 single addresses), whatever the number of entries.
 */
export class PrefixTrie<Value> {
  #root: Node<Value> | undefined

  set(words: readonly number[], length: number, value: Value): void {
    this.#root = insert(this.#root, words, length, value)
  }

  delete(words: readonly number[], length: number): void {
    this.#root = remove(this.#root, words, length)
  }

  /** The value of the longest prefix of `words` that `accept` takes. */
  longest(words: readonly number[], accept: (value: Value) => boolean): Value | undefined {
    const bits = words.length * 32
    let found: Value | undefined
    let node = this.#root
    while (node) {
      // Only nodes with a value are compared: below one that does not match, none can match either.
      if (node.value !== undefined && commonLength(node.words, words, node.length) === node.length && accept(node.value)) found = node.value
      if (node.length >= bits) break
      node = bitAt(words, node.length) === 0 ? node.zero : node.one
    }
    return found
  }
}

interface Node<Value> {
  readonly words: readonly number[]
  readonly length: number
  /** Undefined where the node only forks. */
  value: Value | undefined
  zero: Node<Value> | undefined
  one: Node<Value> | undefined
}

function insert<Value>(node: Node<Value> | undefined, words: readonly number[], length: number, value: Value): Node<Value> {
  if (!node) return { words, length, value, zero: undefined, one: undefined }
  const common = commonLength(node.words, words, Math.min(node.length, length))
  if (common < node.length) {
    const above: Node<Value> = { words, length: common, value: undefined, zero: undefined, one: undefined }
    attach(above, node)
    return insert(above, words, length, value)
  }
  if (length === node.length) node.value = value
  else if (bitAt(words, node.length) === 0) node.zero = insert(node.zero, words, length, value)
  else node.one = insert(node.one, words, length, value)
  return node
}

function remove<Value>(node: Node<Value> | undefined, words: readonly number[], length: number): Node<Value> | undefined {
  if (!node || length < node.length || commonLength(node.words, words, node.length) < node.length) return node
  if (length === node.length) node.value = undefined
  else if (bitAt(words, node.length) === 0) node.zero = remove(node.zero, words, length)
  else node.one = remove(node.one, words, length)
  const isNeeded = node.value !== undefined || (node.zero && node.one)
  return isNeeded ? node : (node.zero ?? node.one)
}

function attach<Value>(parent: Node<Value>, child: Node<Value>): void {
  if (bitAt(child.words, parent.length) === 0) parent.zero = child
  else parent.one = child
}

function bitAt(words: readonly number[], index: number): 0 | 1 {
  return (((words[index >>> 5] ?? 0) >>> (31 - (index & 31))) & 1) as 0 | 1
}

/** How many leading bits two keys share, at most `limit`. */
function commonLength(left: readonly number[], right: readonly number[], limit: number): number {
  for (let index = 0; index * 32 < limit; index++) {
    const difference = (left[index] ?? 0) ^ (right[index] ?? 0)
    if (difference !== 0) return Math.min(limit, index * 32 + Math.clz32(difference))
  }
  return limit
}
