import { createRequire } from 'node:module'
import { BATCH_HEADER_BYTES } from './record-bytes.ts'

/** What kafkajs knows of a whole batch; it looks there for records of transactions that were aborted. */
interface BatchContext {
  readonly producerId: string
  readonly inTransaction: boolean
}

/** A record in the form in which kafkajs hands it on. */
export interface DecodedMessage {
  readonly magicByte: number
  readonly attributes: number
  readonly offset: string
  readonly timestamp: string
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: Readonly<Record<string, HeaderValue | HeaderValue[]>>
  readonly headerCount: number
  readonly isControlRecord: boolean
  readonly batchContext: BatchContext
}

type HeaderValue = Buffer | null

interface Codec {
  decompress(section: Buffer): Promise<Buffer>
}

const { lookupCodecByAttributes } = createRequire(import.meta.url)('kafkajs/src/protocol/message/compression') as {
  lookupCodecByAttributes(attributes: number): Codec | null
}

const LENGTH_ENDS_AT = 12
const LOG_APPEND_TIME = 8
const TRANSACTIONAL = 16
const CONTROL = 32
export const MAGIC_AT = 16
export const MAGIC = 2

/**
 * The records of Kafka's record batches of version 2, one batch after the other; of a last one that is cut off, none.
 *
 * Our own decoder rather than kafkajs's, because that one copies a record's headers anew for each of them, and makes a 64-bit
 * number out of objects for each offset and time. Tests hold the result equal to kafkajs's.
 */
export async function decodeRecordBatches(bytes: Buffer): Promise<DecodedMessage[]> {
  const messages: DecodedMessage[] = []
  for (let at = 0; at + BATCH_HEADER_BYTES <= bytes.length; ) {
    const end = at + LENGTH_ENDS_AT + bytes.readInt32BE(at + 8)
    if (end > bytes.length) break
    if (end < at + BATCH_HEADER_BYTES) throw new RangeError('a record batch says that it is shorter than its own header')
    await decodeBatch(bytes.subarray(at, end), messages)
    at = end
  }
  return messages
}

async function decodeBatch(batch: Buffer, messages: DecodedMessage[]): Promise<void> {
  const attributes = batch.readInt16BE(21)
  const section = batch.subarray(BATCH_HEADER_BYTES)
  const codec = lookupCodecByAttributes(attributes)
  const reader = new RecordReader(codec ? await codec.decompress(section) : section)
  const firstOffset = batch.readBigInt64BE(0)
  const firstTimestamp = batch.readBigInt64BE(27)
  const logAppendTime = attributes & LOG_APPEND_TIME ? `${batch.readBigInt64BE(35)}` : undefined
  const isControlRecord = (attributes & CONTROL) > 0
  const batchContext = { producerId: `${batch.readBigInt64BE(43)}`, inTransaction: (attributes & TRANSACTIONAL) > 0 }
  for (let left = batch.readInt32BE(57); left > 0; left--) {
    const end = reader.recordEnd()
    const recordAttributes = reader.byte()
    const timestampDelta = reader.long()
    const offset = `${firstOffset + BigInt(reader.int())}`
    const timestamp = logAppendTime ?? `${firstTimestamp + timestampDelta}`
    const key = reader.bytes()
    const value = reader.bytes()
    const body = { attributes: recordAttributes, offset, timestamp, key, value, isControlRecord, batchContext }
    messages.push(new Message(body, reader.upTo(end)))
    reader.goTo(end)
  }
}

type Body = Omit<DecodedMessage, 'magicByte' | 'headers' | 'headerCount'>

/** Its headers are read when they are asked for: the readers of the log ask for none, and they are much of what there is to read. */
class Message implements DecodedMessage {
  readonly magicByte = MAGIC
  readonly attributes: number
  readonly offset: string
  readonly timestamp: string
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly isControlRecord: boolean
  readonly batchContext: BatchContext
  readonly #headerBytes: Buffer
  #headers: DecodedMessage['headers'] | undefined

  constructor(body: Body, headerBytes: Buffer) {
    this.attributes = body.attributes
    this.offset = body.offset
    this.timestamp = body.timestamp
    this.key = body.key
    this.value = body.value
    this.isControlRecord = body.isControlRecord
    this.batchContext = body.batchContext
    this.#headerBytes = headerBytes
  }

  get headerCount(): number {
    return new RecordReader(this.#headerBytes).int()
  }

  get headers(): DecodedMessage['headers'] {
    this.#headers ??= new RecordReader(this.#headerBytes).headers()
    return this.#headers
  }
}

/** Reads what records are made of, in order. Throws where the bytes end too soon. */
class RecordReader {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  byte(): number {
    const byte = this.#bytes[this.#at++]
    if (byte === undefined) throw new RangeError('the bytes of a record batch end inside a record')
    return byte
  }

  /** A zigzag varint of 32 bits. */
  int(): number {
    let raw = 0
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte()
      raw |= (byte & 0x7f) << shift
      if (byte < 0x80) return (raw >>> 1) ^ -(raw & 1)
    }
    throw new RangeError('a number in a record batch is longer than five bytes')
  }

  /** A zigzag varint of 64 bits. */
  long(): bigint {
    if ((this.#bytes[this.#at] ?? 0) < 0x80) return BigInt(this.int())
    let raw = 0n
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.byte()
      raw |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return BigInt.asIntN(64, (raw >> 1n) ^ -(raw & 1n))
    }
    throw new RangeError('a number in a record batch is longer than ten bytes')
  }

  /** Reads a record's length: where it ends. */
  recordEnd(): number {
    const length = this.int()
    return this.#at + length
  }

  upTo(end: number): Buffer {
    return this.#bytes.subarray(this.#at, end)
  }

  /** Newer formats may have more in a record than is known here. */
  goTo(end: number): void {
    if (end < this.#at || end > this.#bytes.length) throw new RangeError('a record in a record batch is not as long as it says')
    this.#at = end
  }

  bytes(): Buffer | null {
    const length = this.int()
    if (length < 0) return null
    return this.#bytes.subarray(this.#at, this.#skip(length))
  }

  text(): string {
    const length = this.int()
    const start = this.#at
    return this.#bytes.toString('utf8', start, this.#skip(Math.max(length, 0)))
  }

  /** Without a prototype, since names come from strangers. Of a repeated name all values are kept. */
  headers(): Record<string, HeaderValue | HeaderValue[]> {
    const headers: Record<string, HeaderValue | HeaderValue[]> = Object.create(null)
    for (let left = this.int(); left > 0; left--) {
      const name = this.text()
      const value = this.bytes()
      const earlier = headers[name]
      if (earlier === undefined) headers[name] = value
      else headers[name] = Array.isArray(earlier) ? [...earlier, value] : [earlier, value]
    }
    return headers
  }

  #skip(length: number): number {
    this.#at += length
    if (this.#at > this.#bytes.length) throw new RangeError('the bytes of a record batch end inside a record')
    return this.#at
  }
}
