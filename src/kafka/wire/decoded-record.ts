import type { KafkaRecord } from '../record.ts'
import { BytesReader } from './bytes/bytes-reader.ts'

/** The properties that all records of a batch share. */
export interface RecordPlace {
  readonly topic: string
  readonly partition: number
  /** True when the timestamps are the producer's own. */
  readonly isProducerTime: boolean
}

export interface RecordBody {
  readonly offset: bigint
  readonly timestamp: number
  readonly key: Buffer | null
  readonly value: Buffer | null
}

/** A record of a batch. Its headers are decoded on access: most readers need none or few of them. */
export class DecodedRecord implements KafkaRecord {
  readonly topic: string
  readonly partition: number
  readonly offset: bigint
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly timestamp: number
  readonly isProducerTime: boolean
  readonly #section: Buffer
  readonly #headersAt: number
  readonly #end: number
  #headers: Record<string, string> | undefined

  /** `section`: the records of the batch; the headers of this one are at `headersAt` to `end`. */
  constructor(place: RecordPlace, body: RecordBody, section: Buffer, headersAt: number, end: number) {
    this.topic = place.topic
    this.partition = place.partition
    this.offset = body.offset
    this.key = body.key
    this.value = body.value
    this.timestamp = body.timestamp
    this.isProducerTime = place.isProducerTime
    this.#section = section
    this.#headersAt = headersAt
    this.#end = end
  }

  get headers(): Record<string, string> {
    this.#headers ??= readHeaders(this.#headerReader())
    return this.#headers
  }

  headerBytes(name: string): Buffer | undefined {
    return headerBytes(this.#headerReader(), name)
  }

  #headerReader(): BytesReader {
    return new BytesReader(this.#section.subarray(this.#headersAt, this.#end))
  }
}

/**
 * Without a prototype, because names come from other programs. The last value of a repeated name is kept; null removes it. Decoding ends
 * at bytes that are not headers: brokers check records, so the cause is a broken broker or disk, and the record itself is still good.
 */
function readHeaders(reader: BytesReader): Record<string, string> {
  const headers: Record<string, string> = Object.create(null)
  try {
    for (let left = reader.varint(); left > 0; left--) {
      const name = reader.text(Math.max(0, reader.varint()))
      const length = reader.varint()
      if (length < 0) delete headers[name]
      else headers[name] = reader.text(length)
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
  }
  return headers
}

/** Without a text or an object for the other headers: it is asked for each record. */
function headerBytes(reader: BytesReader, wanted: string): Buffer | undefined {
  let found: Buffer | undefined
  try {
    for (let left = reader.varint(); left > 0; left--) {
      const isWanted = reader.isNext(wanted, Math.max(0, reader.varint()))
      const length = reader.varint()
      if (isWanted) found = length < 0 ? undefined : reader.bytes(length)
      else reader.skip(Math.max(0, length))
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
  }
  return found
}
