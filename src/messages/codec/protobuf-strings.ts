import { BadInputError } from '../errors.ts'
import type { ValueRole } from '../topics.ts'

/** Names of the fields of a message, by number. All are strings. */
type Fields = Readonly<Record<number, string>>

/**
 * The topics that Teranode's services write in bare Protobuf (package `kafkamessage`, proto3, without a frame). Releases of before 2026
 * write the first two fields of KafkaInvalidBlockTopicMessage, and the first three of KafkaInvalidSubtreeTopicMessage.
 */
export const PROTOBUF_FIELDS: Readonly<Partial<Record<ValueRole, Fields>>> = {
  invalidBlocks: { 1: 'blockHash', 2: 'reason', 3: 'peerId', 4: 'peerUrl' },
  invalidSubtrees: { 1: 'subtreeHash', 2: 'peerUrl', 3: 'reason', 4: 'peerId' },
}

const VARINT = 0
const FIXED_64 = 1
const LENGTH_DELIMITED = 2
const FIXED_32 = 5
const LONGEST_VARINT = 10
const utf8 = new TextDecoder('utf-8', { fatal: true })

/** Whether the bytes begin with the tag of one of the fields. */
export function looksLikeProtobuf(bytes: Buffer, fields: Fields): boolean {
  const [tag = 0] = bytes
  return (tag & 7) === LENGTH_DELIMITED && tag >> 3 in fields
}

/** A message of strings. A missing field is empty, an unknown one is skipped, of a repeated one the last counts. Throws BadInputError. */
export function readProtobufStrings(bytes: Buffer, fields: Fields): Record<string, string> {
  const value: Record<string, string> = Object.fromEntries(Object.values(fields).map((name) => [name, '']))
  const reader = new Reader(bytes)
  while (!reader.isAtEnd()) {
    const tag = reader.varint()
    const name = fields[Math.floor(tag / 8)]
    if (name === undefined || tag % 8 !== LENGTH_DELIMITED) reader.skip(tag % 8)
    else value[name] = text(reader.take(reader.varint()), name)
  }
  return value
}

function text(bytes: Buffer, name: string): string {
  try {
    return utf8.decode(bytes)
  } catch (error) {
    throw new BadInputError('malformed-protobuf', `the field ${name} is no UTF-8 text`, { cause: error })
  }
}

class Reader {
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
