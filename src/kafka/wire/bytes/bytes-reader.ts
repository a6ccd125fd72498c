const MAX_VARINT_BYTES = 5
const MAX_VARLONG_BYTES = 10
/** Up to this many bytes a varint fits into the 53 bits that a number holds exactly. */
const EXACT_VARINT_BYTES = 7

/** Reads Kafka's wire format in order: requests, responses and records. Throws a RangeError when the bytes end too soon. */
export class BytesReader {
  readonly #bytes: Buffer
  #at: number

  constructor(bytes: Buffer, at = 0) {
    this.#bytes = bytes
    this.#at = at
  }

  /** Position of the next byte. */
  get at(): number {
    return this.#at
  }

  get left(): number {
    return this.#bytes.length - this.#at
  }

  int8(): number {
    const byte = this.#bytes[this.#at++]
    if (byte === undefined) throw endsTooSoon()
    return (byte << 24) >> 24
  }

  int16(): number {
    const value = this.#bytes.readInt16BE(this.#at)
    this.#at += 2
    return value
  }

  int32(): number {
    const value = this.#bytes.readInt32BE(this.#at)
    this.#at += 4
    return value
  }

  int64(): bigint {
    const value = this.#bytes.readBigInt64BE(this.#at)
    this.#at += 8
    return value
  }

  /** An unsigned varint of at most 32 bits: lengths in the compact encodings, and the bits of zigzag numbers. */
  uvarint(): number {
    let value = 0
    for (let index = 0; index < MAX_VARINT_BYTES; index++) {
      const byte = this.#bytes[this.#at++]
      if (byte === undefined) throw endsTooSoon()
      value |= (byte & 0x7f) << (7 * index)
      if (byte < 0x80) return value >>> 0
    }
    throw new RangeError('a number is longer than five bytes')
  }

  /** A zigzag varint of 32 bits. */
  varint(): number {
    const raw = this.uvarint()
    return (raw >>> 1) ^ -(raw & 1)
  }

  /** A zigzag varint of 64 bits, rounded to the nearest number beyond 2^53. */
  varlong(): number {
    let raw = 0
    for (let index = 0; index < EXACT_VARINT_BYTES; index++) {
      const byte = this.#bytes[this.#at + index]
      if (byte === undefined) throw endsTooSoon()
      raw += (byte & 0x7f) * 2 ** (7 * index)
      if (byte >= 0x80) continue
      this.#at += index + 1
      return raw % 2 === 0 ? raw / 2 : -(raw + 1) / 2
    }
    return Number(this.#longVarlong())
  }

  /** The next `length` bytes; the result shares memory with the source. */
  bytes(length: number): Buffer {
    const start = this.#at
    this.skip(length)
    return this.#bytes.subarray(start, this.#at)
  }

  /** Reads over the next `length` bytes; true when they are this text, which has ASCII characters alone. */
  isNext(text: string, length: number): boolean {
    const start = this.#at
    this.skip(length)
    if (length !== text.length) return false
    for (let index = 0; index < length; index++) if (this.#bytes[start + index] !== text.charCodeAt(index)) return false
    return true
  }

  /** The next `length` bytes as UTF-8. */
  text(length: number): string {
    const start = this.#at
    this.skip(length)
    return this.#bytes.toString('utf8', start, this.#at)
  }

  /** A string with its length in two bytes; null when the length is negative. */
  string(): string | null {
    return this.#textOrNull(this.int16())
  }

  /** A string of the flexible versions: its length plus one, as a varint. */
  compactString(): string | null {
    return this.#textOrNull(this.uvarint() - 1)
  }

  /** An array with its length in four bytes; empty when the length is negative. */
  array<T>(read: (reader: this) => T): T[] {
    return this.#items(this.int32(), read)
  }

  /** An array of the flexible versions. */
  compactArray<T>(read: (reader: this) => T): T[] {
    return this.#items(this.uvarint() - 1, read)
  }

  /** Skips the tagged fields at the end of each structure of the flexible versions. */
  skipTaggedFields(): void {
    for (let left = this.uvarint(); left > 0; left--) {
      this.uvarint()
      this.skip(this.uvarint())
    }
  }

  skip(length: number): void {
    this.goTo(this.#at + length)
  }

  goTo(at: number): void {
    if (at < this.#at || at > this.#bytes.length) throw endsTooSoon()
    this.#at = at
  }

  #textOrNull(length: number): string | null {
    return length < 0 ? null : this.text(length)
  }

  #items<T>(length: number, read: (reader: this) => T): T[] {
    const items: T[] = []
    for (let left = length; left > 0; left--) items.push(read(this))
    return items
  }

  #longVarlong(): bigint {
    let raw = 0n
    for (let index = 0; index < MAX_VARLONG_BYTES; index++) {
      const byte = this.#bytes[this.#at++]
      if (byte === undefined) throw endsTooSoon()
      raw |= BigInt(byte & 0x7f) << BigInt(7 * index)
      if (byte < 0x80) return BigInt.asIntN(64, (raw >> 1n) ^ -(raw & 1n))
    }
    throw new RangeError('a number is longer than ten bytes')
  }
}

function endsTooSoon(): RangeError {
  return new RangeError('the bytes end too soon')
}
