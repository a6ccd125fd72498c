import { BadInputError } from '../errors.ts'

export const VARINT = 0
export const LENGTH_DELIMITED = 2
const FIXED_64 = 1
const FIXED_32 = 5
const LONGEST_VARINT = 10

/** Reads the fields of a Protobuf message one by one. Throws BadInputError. */
export class ProtobufReader {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  isAtEnd(): boolean {
    return this.#at >= this.#bytes.length
  }

  /** Exact up to 2^53; a greater one is the length of nothing. */
  varint(): number {
    let value = 0
    for (let index = 0; index < LONGEST_VARINT; index++) {
      const byte = this.#bytes[this.#at++]
      if (byte === undefined) throw this.#malformed()
      value += (byte & 0x7f) * 2 ** (7 * index)
      if (byte < 0x80) return value
    }
    throw this.#malformed()
  }

  take(length: number): Buffer {
    const end = this.#at + length
    if (end > this.#bytes.length) throw this.#malformed()
    const taken = this.#bytes.subarray(this.#at, end)
    this.#at = end
    return taken
  }

  skip(wireType: number): void {
    if (wireType === VARINT) this.varint()
    else if (wireType === FIXED_64) this.take(8)
    else if (wireType === LENGTH_DELIMITED) this.take(this.varint())
    else if (wireType === FIXED_32) this.take(4)
    else throw this.#malformed()
  }

  #malformed(): BadInputError {
    return new BadInputError(
      'malformed-protobuf',
      `the value (${this.#bytes.length} bytes) is no Protobuf message: byte ${this.#at} fits no field`,
    )
  }
}
