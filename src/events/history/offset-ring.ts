/** The latest offsets of one type, ascending, in a typed array of fixed size. */
export class OffsetRing {
  readonly #offsets: BigInt64Array
  #start = 0
  #size = 0
  /** True once an older offset was dropped or left out: then not all offsets of the type are here. */
  isCut = false

  constructor({ capacity }: { capacity: number }) {
    this.#offsets = new BigInt64Array(capacity)
  }

  get size(): number {
    return this.#size
  }

  /** The offset at an index from 0 (the oldest) to `size - 1`. */
  at(index: number): bigint {
    return this.#offsets[(this.#start + index) % this.#offsets.length] as bigint
  }

  /** Adds the newest offset. A full ring drops its oldest. */
  push(offset: bigint): void {
    const capacity = this.#offsets.length
    this.#offsets[(this.#start + this.#size) % capacity] = offset
    if (this.#size < capacity) {
      this.#size += 1
      return
    }
    this.#start = (this.#start + 1) % capacity
    this.isCut = true
  }

  /** Adds an offset below all others. A full ring leaves it out. */
  unshift(offset: bigint): void {
    const capacity = this.#offsets.length
    if (this.#size === capacity || this.isCut) {
      this.isCut = true
      return
    }
    this.#start = (this.#start + capacity - 1) % capacity
    this.#offsets[this.#start] = offset
    this.#size += 1
  }

  /** Drops the offsets at and after `end`. */
  truncate(end: bigint): void {
    while (this.#size > 0 && this.at(this.#size - 1) >= end) this.#size -= 1
  }

  /** How many offsets are below `offset`. */
  countBelow(offset: bigint): number {
    let low = 0
    let high = this.#size
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.at(middle) < offset) low = middle + 1
      else high = middle
    }
    return low
  }
}
