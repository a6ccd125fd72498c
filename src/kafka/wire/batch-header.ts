import type { BytesWriter } from './bytes/bytes-writer.ts'

export const BATCH_HEADER_BYTES = 61
/** Positions of the checksum and of the first byte that it covers. */
export const CHECKSUM_AT = 17
export const CHECKED_FROM = 21
const MAGIC = 2
/** End of the offset and the length; the length counts the bytes after it. */
const LENGTH_ENDS_AT = 12
const LENGTH_AT = 8
const MAGIC_AT = 16
const CODEC = 7
const LOG_APPEND_TIME = 8
const TRANSACTIONAL = 16
const CONTROL = 32

/**
 * The header of a batch: Kafka's record batch of version 2. A class that reads its fields on access, rather than a plain object, because
 * there may be as many batches as records, and few fields of a batch are needed.
 */
export class BatchHeader {
  /** The answer that contains the batch, from `at` to `end`. */
  readonly bytes: Buffer
  readonly at: number
  readonly end: number
  readonly firstOffset: bigint
  readonly #attributes: number

  constructor(bytes: Buffer, at: number, end: number) {
    this.bytes = bytes
    this.at = at
    this.end = end
    this.firstOffset = bytes.readBigInt64BE(at)
    this.#attributes = bytes.readInt16BE(at + 21)
  }

  /** The last offset of the batch, not of its last record: compaction keeps it when it removes that record. */
  get lastOffset(): bigint {
    return this.firstOffset + BigInt(this.lastOffsetDelta)
  }

  get lastOffsetDelta(): number {
    return Math.max(0, this.bytes.readInt32BE(this.at + 23))
  }

  get leaderEpoch(): number {
    return this.bytes.readInt32BE(this.at + 12)
  }

  /** Number of the compression codec, 0 for none. */
  get codec(): number {
    return this.#attributes & CODEC
  }

  get isTransactional(): boolean {
    return (this.#attributes & TRANSACTIONAL) > 0
  }

  /** The batch contains the marker that ends a transaction, and no record for readers. */
  get isControl(): boolean {
    return (this.#attributes & CONTROL) > 0
  }

  /** True when `maxTimestamp` is the time of all records, given by the broker. */
  get isLogAppendTime(): boolean {
    return (this.#attributes & LOG_APPEND_TIME) > 0
  }

  get firstTimestamp(): number {
    return int64AsNumber(this.bytes, this.at + 27)
  }

  get maxTimestamp(): number {
    return int64AsNumber(this.bytes, this.at + 35)
  }

  get producerId(): bigint {
    return this.bytes.readBigInt64BE(this.at + 43)
  }

  get recordCount(): number {
    return this.bytes.readInt32BE(this.at + 57)
  }

  /** The whole batch as Kafka stores it. */
  get batch(): Buffer {
    return this.bytes.subarray(this.at, this.end)
  }
}

/** Where the batch at `at` ends; undefined when the end lies beyond the received bytes: the batch is cut off. */
export function batchEnd(bytes: Buffer, at: number): number | undefined {
  if (at + LENGTH_ENDS_AT > bytes.length) return undefined
  const end = at + LENGTH_ENDS_AT + bytes.readInt32BE(at + LENGTH_AT)
  return end > bytes.length ? undefined : end
}

/** The header of the whole batch from `at` to `end`; undefined when it is older than version 2 or broken. */
export function readBatchHeader(bytes: Buffer, at: number, end: number): BatchHeader | undefined {
  const isWhole = end - at >= BATCH_HEADER_BYTES && bytes.readInt8(at + MAGIC_AT) === MAGIC
  return isWhole ? new BatchHeader(bytes, at, end) : undefined
}

/** Rounded to the nearest number beyond 2^53. */
function int64AsNumber(bytes: Buffer, at: number): number {
  return bytes.readInt32BE(at) * 2 ** 32 + bytes.readUInt32BE(at + 4)
}

/** Header fields of a batch to be written. */
export interface WrittenBatch {
  readonly producerId: string
  readonly producerEpoch: number
  readonly firstSequence: number
  readonly timestamp: number
  readonly recordCount: number
  /** Size of the whole batch in bytes. */
  readonly size: number
}

/** The header of an uncompressed batch that is not part of a transaction. */
export function writeBatchHeader(writer: BytesWriter, batch: WrittenBatch): void {
  const { producerId, producerEpoch, firstSequence, timestamp, recordCount, size } = batch
  writer
    .int64(0n) // the broker assigns the offset
    .int32(size - LENGTH_ENDS_AT)
    .int32(0) // and the leader epoch
    .int8(MAGIC)
    .uint32(0) // the checksum, which is known at the end
    .int16(0) // no compression, no transaction
    .int32(recordCount - 1)
    .int64(BigInt(timestamp))
    .int64(BigInt(timestamp))
    .int64(BigInt(producerId))
    .int16(producerEpoch)
    .int32(firstSequence)
    .int32(recordCount)
}
