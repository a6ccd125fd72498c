import type { BytesWriter } from './bytes-writer.ts'

/** What stands before the records of a batch, Kafka's record batch of version 2. */
export interface BatchHeader {
  readonly firstOffset: bigint
  /** Of the batch, not of its last record: compaction keeps it when it removes that record. */
  readonly lastOffset: bigint
  readonly leaderEpoch: number
  /** Number of the compression codec, 0 for none. */
  readonly codec: number
  readonly isTransactional: boolean
  /** It holds the marker that ends a transaction, and no record for readers. */
  readonly isControl: boolean
  /** True: `maxTimestamp` is the time of all records, given by the broker. */
  readonly isLogAppendTime: boolean
  readonly firstTimestamp: number
  readonly maxTimestamp: number
  readonly producerId: bigint
  readonly recordCount: number
}

/** What the header of a batch that is written says. */
export interface WrittenBatch {
  readonly producerId: string
  readonly producerEpoch: number
  readonly firstSequence: number
  readonly timestamp: number
  readonly recordCount: number
  /** Size of the whole batch in bytes. */
  readonly size: number
}

export const BATCH_HEADER_BYTES = 61
/** Where the checksum stands, and where what it covers begins. */
export const CHECKSUM_AT = 17
export const CHECKED_FROM = 21
const MAGIC = 2
/** The offset and the length, which counts what comes behind it. */
const LENGTH_ENDS_AT = 12
const LENGTH_AT = 8
const MAGIC_AT = 16
const CODEC = 7
const LOG_APPEND_TIME = 8
const TRANSACTIONAL = 16
const CONTROL = 32

/** Where the batch at `at` ends; undefined when that lies beyond what was received: the batch is cut off. */
export function batchEnd(bytes: Buffer, at: number): number | undefined {
  if (at + LENGTH_ENDS_AT > bytes.length) return undefined
  const end = at + LENGTH_ENDS_AT + bytes.readInt32BE(at + LENGTH_AT)
  return end > bytes.length ? undefined : end
}

/** The header of a whole batch; undefined when it is not of version 2, but older or broken. */
export function readBatchHeader(batch: Buffer): BatchHeader | undefined {
  if (batch.length < BATCH_HEADER_BYTES || batch.readInt8(MAGIC_AT) !== MAGIC) return undefined
  const firstOffset = batch.readBigInt64BE(0)
  const attributes = batch.readInt16BE(21)
  return {
    firstOffset,
    lastOffset: firstOffset + BigInt(Math.max(0, batch.readInt32BE(23))),
    leaderEpoch: batch.readInt32BE(12),
    codec: attributes & CODEC,
    isTransactional: (attributes & TRANSACTIONAL) > 0,
    isControl: (attributes & CONTROL) > 0,
    isLogAppendTime: (attributes & LOG_APPEND_TIME) > 0,
    firstTimestamp: Number(batch.readBigInt64BE(27)),
    maxTimestamp: Number(batch.readBigInt64BE(35)),
    producerId: batch.readBigInt64BE(43),
    recordCount: batch.readInt32BE(57),
  }
}

/** The header of an uncompressed batch that is not part of a transaction. */
export function writeBatchHeader(writer: BytesWriter, batch: WrittenBatch): void {
  const { producerId, producerEpoch, firstSequence, timestamp, recordCount, size } = batch
  writer
    .int64(0n) // the broker gives the offset
    .int32(size - LENGTH_ENDS_AT)
    .int32(0) // as well as the epoch of the leader
    .int8(MAGIC)
    .uint32(0) // the checksum, which is known when all is written
    .int16(0) // no compression, no transaction
    .int32(recordCount - 1)
    .int64(BigInt(timestamp))
    .int64(BigInt(timestamp))
    .int64(BigInt(producerId))
    .int16(producerEpoch)
    .int32(firstSequence)
    .int32(recordCount)
}
