import type { KafkaRecord } from '../record.ts'
import { BATCH_HEADER_BYTES, type BatchHeader } from './batch-header.ts'
import { BytesReader } from './bytes/bytes-reader.ts'
import { BATCH_CODECS, type BatchCodec, MAX_BATCH_BYTES } from './compression/decompress.ts'
import type { DecodeBudget } from './decode-budget.ts'
import { DecodedRecord, type RecordPlace } from './decoded-record.ts'

export interface BatchToDecode {
  readonly topic: string
  readonly partition: number
  readonly header: BatchHeader
  /** Records below this offset are left out. */
  readonly from: bigint
}

/**
 * A batch with more records is refused completely. A record takes 7 bytes at least, so only a compressed batch can have more in a
 * broker's default limit of 1 MB.
 */
export const MAX_BATCH_RECORDS = 1 << 20

/**
 * Decodes one batch of version 2 into `records` and returns the offset at which to continue: after the batch, or inside it when the
 * budget ends earlier. Throws when the batch is broken; the caller then removes the records added so far.
 *
 * Not an async function, because most batches are small and uncompressed, and a promise costs more than decoding one of them.
 *
 * Our own decoder rather than kafkajs's, because that one copies all headers of a record for each of them, builds a 64-bit number from
 * objects for each offset and time, and has no bound.
 */
export function decodeBatch(source: BatchToDecode, records: KafkaRecord[], budget: DecodeBudget): bigint | Promise<bigint> {
  const { header } = source
  if (header.recordCount < 0 || header.recordCount > MAX_BATCH_RECORDS) {
    throw new RangeError(`${header.recordCount} records, at most ${MAX_BATCH_RECORDS} are taken`)
  }
  const codec = BATCH_CODECS[header.codec]
  if (codec) return decodeCompressed(codec, source, records, budget)
  budget.bytes -= header.end - header.at
  const run = new RecordRun(source, header.bytes, header.at + BATCH_HEADER_BYTES, header.end)
  return run.decode(records, budget) ? run.nextOffset : runOn(run, records, budget)
}

async function decodeCompressed(codec: BatchCodec, source: BatchToDecode, records: KafkaRecord[], budget: DecodeBudget): Promise<bigint> {
  const section = await codec.decompress(source.header.batch.subarray(BATCH_HEADER_BYTES), MAX_BATCH_BYTES)
  budget.bytes -= section.length
  return runOn(new RecordRun(source, section, 0, section.length), records, budget)
}

async function runOn(run: RecordRun, records: KafkaRecord[], budget: DecodeBudget): Promise<bigint> {
  while (!run.decode(records, budget)) await budget.pause()
  return run.nextOffset
}

/** The records of one batch, at `at` to `end` of `bytes`, decoded in slices. */
class RecordRun {
  readonly #place: RecordPlace
  readonly #header: BatchHeader
  readonly #bytes: Buffer
  readonly #end: number
  readonly #reader: BytesReader
  /** Offset of the first wanted record, relative to the batch's first one. */
  readonly #firstWanted: number
  #index = 0
  #lastDelta = -1
  nextOffset = 0n

  constructor({ topic, partition, header, from }: BatchToDecode, bytes: Buffer, at: number, end: number) {
    this.#place = { topic, partition, isProducerTime: !header.isLogAppendTime }
    this.#header = header
    this.#bytes = bytes
    this.#end = end
    this.#reader = new BytesReader(bytes, at)
    this.#firstWanted = header.firstOffset < from ? Number(from - header.firstOffset) : 0
  }

  /** Decodes one slice. False: more records remain. True: all are decoded, or the budget is spent. */
  decode(records: KafkaRecord[], budget: DecodeBudget): boolean {
    const header = this.#header
    const { recordCount, lastOffsetDelta, firstOffset } = header
    const first = Number(firstOffset)
    const fitsNumber = Number.isSafeInteger(first + 2 ** 32)
    const time = header.isLogAppendTime ? header.maxTimestamp : header.firstTimestamp
    const deltaFactor = header.isLogAppendTime ? 0 : 1
    const reader = this.#reader
    const until = Math.min(recordCount, this.#index + budget.takeSlice(recordCount - this.#index))
    for (; this.#index < until; this.#index++) {
      const length = reader.varint()
      const end = reader.at + length
      reader.skip(1) // attributes, of which there are none yet
      const timestamp = time + deltaFactor * reader.varlong()
      const delta = reader.varint()
      if (delta <= this.#lastDelta || delta > lastOffsetDelta) {
        throw new RangeError(`offset ${delta} of ${lastOffsetDelta} stands behind ${this.#lastDelta}`)
      }
      this.#lastDelta = delta
      if (delta >= this.#firstWanted) {
        const offset = fitsNumber ? BigInt(first + delta) : firstOffset + BigInt(delta) // one 64-bit number rather than two
        this.nextOffset = offset
        if (budget.records <= 0) return true
        budget.records -= 1
        const key = nullableBytes(reader)
        const value = nullableBytes(reader)
        if (reader.at > end) throw new RangeError(`record ${this.#index} is longer than it says`)
        records.push(new DecodedRecord(this.#place, { offset, timestamp, key, value }, this.#bytes, reader.at, end))
      }
      reader.goTo(end)
    }
    return this.#index === recordCount && this.#finish()
  }

  #finish(): true {
    const left = this.#end - this.#reader.at
    if (left !== 0)
      throw new RangeError(left > 0 ? `${left} bytes stand behind the last record` : 'the records are longer than their batch')
    this.nextOffset = this.#header.lastOffset + 1n
    return true
  }
}

function nullableBytes(reader: BytesReader): Buffer | null {
  const length = reader.varint()
  return length < 0 ? null : reader.bytes(length)
}
