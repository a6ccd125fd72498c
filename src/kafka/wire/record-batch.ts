import type { OutgoingRecord } from '../record.ts'
import { BATCH_HEADER_BYTES, CHECKED_FROM, CHECKSUM_AT, writeBatchHeader } from './batch-header.ts'
import { BytesWriter, varintSize } from './bytes/bytes-writer.ts'
import { crc32c } from './bytes/crc32c.ts'

/** The identity of the writer, by which the broker remembers the batches that it has accepted. */
export interface ProducerIdentity {
  readonly producerId: string
  readonly producerEpoch: number
}

export interface RecordBatchOptions {
  readonly identity: ProducerIdentity
  /** Number of the first record among all records that this producer has sent to the partition. */
  readonly firstSequence: number
  /** Timestamp of all records, in milliseconds since the epoch. Brokers replace it with their own if the topic has LogAppendTime. */
  readonly timestamp: number
}

/**
 * Records as they travel in a produce request: Kafka's record batch of version 2, uncompressed.
 *
 * Our own encoder rather than kafkajs's, because that one creates an object with half a kilobyte of memory for each record and each of
 * its headers: 17 to 99 us a record (batches of 100 and of 1), compared with 3 to 9 here. Tests keep the bytes equal to kafkajs's.
 */
export function encodeRecordBatch(records: readonly OutgoingRecord[], options: RecordBatchOptions): Buffer {
  const { identity, firstSequence, timestamp } = options
  const sizes = records.map(bodySize)
  const size = sizes.reduce((sum, each) => sum + varintSize(each) + each, BATCH_HEADER_BYTES)
  const writer = new BytesWriter(size)
  writeBatchHeader(writer, { ...identity, firstSequence, timestamp, recordCount: records.length, size })
  for (const [index, record] of records.entries()) writeRecord(writer, record, index, sizes[index] ?? 0)
  const bytes = writer.written()
  bytes.writeUInt32BE(crc32c(bytes.subarray(CHECKED_FROM)), CHECKSUM_AT)
  return bytes
}

/** The bytes of a record without the length in front of them. */
function bodySize({ key, value, headers }: OutgoingRecord, index: number): number {
  const names = Object.keys(headers)
  let size = 2 + varintSize(index) + keySize(key) + varintSize(value?.length ?? -1) + (value?.length ?? 0) + varintSize(names.length)
  for (const name of names) size += textSize(name) + textSize(headers[name] ?? '')
  return size
}

function writeRecord(writer: BytesWriter, { key, value, headers }: OutgoingRecord, index: number, size: number): void {
  writer
    .varint(size)
    .int8(0) // no attributes
    .varint(0) // no difference to the batch's timestamp
    .varint(index)
  if (key === null || typeof key === 'string') writeText(writer, key)
  else writer.varint(key.length).bytes(key)
  writer.varint(value?.length ?? -1)
  if (value) writer.bytes(value)
  const names = Object.keys(headers)
  writer.varint(names.length)
  for (const name of names) {
    writeText(writer, name)
    writeText(writer, headers[name] ?? '')
  }
}

function keySize(key: OutgoingRecord['key']): number {
  return key === null || typeof key === 'string' ? textSize(key) : varintSize(key.length) + key.length
}

function textSize(text: string | null): number {
  if (text === null) return varintSize(-1)
  const length = Buffer.byteLength(text)
  return varintSize(length) + length
}

function writeText(writer: BytesWriter, text: string | null): void {
  if (text === null) {
    writer.varint(-1)
    return
  }
  const length = Buffer.byteLength(text)
  writer.varint(length).utf8(text, length)
}
