const SHORT_TEXT = 32

/** Writes Kafka's wire format in order: requests and record batches. It grows as needed; with a known size, `capacity` avoids that. */
export class BytesWriter {
  #bytes: Buffer
  #at = 0

  constructor(capacity = 256) {
    this.#bytes = Buffer.allocUnsafe(capacity)
  }

  /** The bytes written so far; the result shares memory with the writer. */
  written(): Buffer {
    return this.#bytes.subarray(0, this.#at)
  }

  int8(value: number): this {
    this.#at = this.#room(1).writeInt8(value, this.#at)
    return this
  }

  int16(value: number): this {
    this.#at = this.#room(2).writeInt16BE(value, this.#at)
    return this
  }

  int32(value: number): this {
    this.#at = this.#room(4).writeInt32BE(value, this.#at)
    return this
  }

  uint32(value: number): this {
    this.#at = this.#room(4).writeUInt32BE(value, this.#at)
    return this
  }

  int64(value: bigint): this {
    this.#at = this.#room(8).writeBigInt64BE(value, this.#at)
    return this
  }

  /** A zigzag varint of 32 bits. */
  varint(value: number): this {
    return this.uvarint(zigzag(value))
  }

  uvarint(value: number): this {
    let rest = value
    for (; rest > 0x7f; rest >>>= 7) this.#byte((rest & 0x7f) | 0x80)
    this.#byte(rest)
    return this
  }

  bytes(value: Buffer): this {
    this.#at += value.copy(this.#room(value.length), this.#at)
    return this
  }

  /** A text with its length in two bytes. */
  string(text: string): this {
    const length = Buffer.byteLength(text)
    return this.int16(length).utf8(text, length)
  }

  /** A text of the flexible versions: its length plus one, as a varint. */
  compactString(text: string): this {
    const length = Buffer.byteLength(text)
    return this.uvarint(length + 1).utf8(text, length)
  }

  /** A text without a length prefix; `length` is its size in bytes. */
  utf8(text: string, length: number): this {
    if (length > SHORT_TEXT || length !== text.length) this.#at += this.#room(length).write(text, this.#at)
    else this.#ascii(text)
    return this
  }

  array<T>(items: readonly T[], write: (item: T) => void): this {
    this.int32(items.length)
    for (const item of items) write(item)
    return this
  }

  /** A text of ASCII characters alone: for short ones, a call out of JavaScript takes longer than a loop. */
  #ascii(text: string): void {
    const bytes = this.#room(text.length)
    for (let index = 0; index < text.length; index++) bytes[this.#at++] = text.charCodeAt(index)
  }

  #byte(value: number): void {
    this.#room(1)[this.#at++] = value
  }

  #room(length: number): Buffer {
    const needed = this.#at + length
    if (needed > this.#bytes.length) {
      const grown = Buffer.allocUnsafe(Math.max(needed, 2 * this.#bytes.length))
      this.#bytes.copy(grown, 0, 0, this.#at)
      this.#bytes = grown
    }
    return this.#bytes
  }
}

/** Small numbers, negative ones too, become small: 0, -1, 1, -2 are 0, 1, 2, 3. */
function zigzag(value: number): number {
  return ((value << 1) ^ (value >> 31)) >>> 0
}

/** How many bytes a zigzag varint takes. */
export function varintSize(value: number): number {
  let rest = zigzag(value)
  let size = 1
  for (; rest > 0x7f; rest >>>= 7) size += 1
  return size
}
