/** A block and the blocks below it, as far as their links are known. */
export class Ancestry {
  /** From the block downwards. */
  blocks = []
  #hashes = new Set()
  #byHash

  constructor(tip, byHash) {
    this.#byHash = byHash
    for (let block = tip; block && !this.#hashes.has(block.hash); block = byHash.get(block.previous)) {
      this.blocks.push(block)
      this.#hashes.add(block.hash)
    }
  }

  has({ hash }) {
    return this.#hashes.has(hash)
  }

  /** Whether the block is on another chain for certain. One below the lowest block whose link is known may be on this one. */
  excludes(block) {
    return !this.has(block) && block.height >= this.blocks[this.blocks.length - 1].height
  }

  /** The height of the last block that both chains have; null when the links do not reach it. */
  forkWith(block) {
    let each = block
    for (let steps = 0; each && steps < 1000; steps++) {
      if (this.has(each)) return each.height
      each = this.#byHash.get(each.previous)
    }
    return null
  }
}
