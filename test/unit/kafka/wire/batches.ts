import { gzipSync } from 'node:zlib'
import type { OutgoingRecord } from '../../../../src/kafka/record.ts'
import { DecodeBudget } from '../../../../src/kafka/wire/decode-budget.ts'
import { decodeBatches, type PartitionToDecode } from '../../../../src/kafka/wire/partition-decoder.ts'
import { encodeRecordBatch } from '../../../../src/kafka/wire/record-batch.ts'

export const GZIP = 1
export const LOG_APPEND_TIME = 8
export const TRANSACTIONAL = 16
export const CONTROL = 32

export interface StoredBatch {
  readonly firstOffset: bigint
  readonly records?: readonly OutgoingRecord[]
  readonly attributes?: number
  readonly producerId?: bigint
  readonly leaderEpoch?: number
  /** Greater than the records need where compaction removed the last ones. */
  readonly lastOffsetDelta?: number
  readonly recordCount?: number
  readonly firstTimestamp?: bigint
  readonly maxTimestamp?: bigint
  /** In place of the records, before compression. */
  readonly section?: Buffer
}

export function record(value: string): OutgoingRecord {
  return { key: null, value: Buffer.from(value), headers: {} }
}

/** A batch as a broker gives it out. */
export function stored({ firstOffset, records = [], attributes = 0, ...rest }: StoredBatch): Buffer {
  const identity = { producerId: `${rest.producerId ?? 7n}`, producerEpoch: 0 }
  const plain = encodeRecordBatch(records, { identity, firstSequence: 0, timestamp: 1_700_000_000_000 })
  const section = rest.section ?? plain.subarray(61)
  const bytes = Buffer.concat([plain.subarray(0, 61), (attributes & 7) === GZIP ? gzipSync(section) : section])
  bytes.writeBigInt64BE(firstOffset, 0)
  bytes.writeInt32BE(bytes.length - 12, 8)
  bytes.writeInt32BE(rest.leaderEpoch ?? 0, 12)
  bytes.writeInt16BE(attributes, 21)
  bytes.writeInt32BE(rest.lastOffsetDelta ?? Math.max(0, records.length - 1), 23)
  if (rest.firstTimestamp !== undefined) bytes.writeBigInt64BE(rest.firstTimestamp, 27)
  bytes.writeBigInt64BE(rest.maxTimestamp ?? 1_700_000_009_999n, 35)
  if (rest.recordCount !== undefined) bytes.writeInt32BE(rest.recordCount, 57)
  return bytes
}

/** The marker that ends a producer's transaction. */
export function marker(firstOffset: bigint, producerId: bigint, type: 'abort' | 'commit'): Buffer {
  const key = Buffer.from([0, 0, 0, type === 'abort' ? 0 : 1])
  const section = Buffer.concat([Buffer.from([22, 0, 0, 0, 8]), key, Buffer.from([0, 0])])
  return stored({ firstOffset, producerId, attributes: TRANSACTIONAL | CONTROL, section, recordCount: 1, lastOffsetDelta: 0 })
}

export function decode(bytes: Buffer | readonly Buffer[], source: Partial<PartitionToDecode> = {}, budget = new DecodeBudget()) {
  const all = Buffer.isBuffer(bytes) ? bytes : Buffer.concat(bytes)
  return decodeBatches({ topic: 't', partition: 3, from: 0n, aborted: [], ...source, bytes: all }, budget)
}
