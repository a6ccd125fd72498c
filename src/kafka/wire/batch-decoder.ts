import type { KafkaRecord } from '../record.ts'
import { BATCH_HEADER_BYTES, type BatchHeader } from './batch-header.ts'
import { BytesReader } from './bytes-reader.ts'
import { BATCH_CODECS, MAX_BATCH_BYTES } from './compression/decompress.ts'
import type { DecodeBudget } from './decode-budget.ts'
import { DecodedRecord } from './decoded-record.ts'

export interface BatchToDecode {
  readonly topic: string
  readonly partition: number
  readonly header: BatchHeader
  readonly batch: Buffer
  /** Records below are left out. */
  readonly from: bigint
}

/** A batch with more is refused whole. A record takes 7 bytes at least, so a broker's default limit of 1 MB holds a seventh of this, unless compressed. */
export const MAX_BATCH_RECORDS = 1 << 20

/**
 * Decodes one batch of version 2 into `records` and returns the offset to go on from: behind the batch, or inside of it when the
 * budget ends before. Throws where the batch is broken; `records` is then as before.
 *
 * Our own decoder rather than kafkajs's, because that one copies a record's headers anew for each of them, makes a 64-bit number
 * out of objects for each offset and time, and has no bound.
 */
export async function decodeBatch(source: BatchToDecode, records: KafkaRecord[], budget: DecodeBudget): Promise<bigint> {
  const { header } = source
  const before = records.length
  if (header.recordCount < 0 || header.recordCount > MAX_BATCH_RECORDS) {
    throw new RangeError(`${header.recordCount} records, at most ${MAX_BATCH_RECORDS} are taken`)
  }
  try {
    const section = await recordSection(source)
    budget.bytes -= section.length
    return await decodeRecords(source, section, records, budget)
  } catch (error) {
    records.length = before
    throw error
  }
}

async function recordSection({ header, batch }: BatchToDecode): Promise<Buffer> {
  const section = batch.subarray(BATCH_HEADER_BYTES)
  const codec = BATCH_CODECS[header.codec]
  return codec ? codec.decompress(section, MAX_BATCH_BYTES) : section
}

async function decodeRecords(
  { topic, partition, header, from }: BatchToDecode,
  section: Buffer,
  records: KafkaRecord[],
  budget: DecodeBudget,
): Promise<bigint> {
  const reader = new BytesReader(section)
  const place = { topic, partition, isProducerTime: !header.isLogAppendTime }
  const first = Number(header.firstOffset)
  const fitsNumber = Number.isSafeInteger(first + 2 ** 32)
  const firstWanted = Number(from - header.firstOffset)
  const lastDelta = Number(header.lastOffset - header.firstOffset)
  for (let index = 0, previous = -1; index < header.recordCount; index++) {
    if (budget.step()) await budget.pause()
    const length = reader.varint()
    const end = reader.at + length
    reader.skip(1) // attributes, of which there are none yet
    const timestampDelta = reader.varlong()
    const delta = reader.varint()
    if (delta <= previous || delta > lastDelta) throw new RangeError(`offset ${delta} of ${lastDelta} stands behind ${previous}`)
    previous = delta
    if (delta >= firstWanted) {
      const offset = fitsNumber ? BigInt(first + delta) : header.firstOffset + BigInt(delta) // one 64-bit number rather than two
      if (budget.records <= 0) return offset
      budget.records -= 1
      const key = nullableBytes(reader)
      const value = nullableBytes(reader)
      const timestamp = header.isLogAppendTime ? header.maxTimestamp : header.firstTimestamp + timestampDelta
      if (reader.at > end) throw new RangeError(`record ${index} is longer than it says`)
      records.push(new DecodedRecord(place, { offset, timestamp, key, value }, section, reader.at, end))
    }
    reader.goTo(end)
  }
  if (reader.left > 0) throw new RangeError(`${reader.left} bytes stand behind the last record`)
  return header.lastOffset + 1n
}

function nullableBytes(reader: BytesReader): Buffer | null {
  const length = reader.varint()
  return length < 0 ? null : reader.bytes(length)
}
