import type { KafkaRecord } from '../record.ts'
import { type AbortedTransaction, AbortedTransactions } from './aborted-transactions.ts'
import { decodeBatch } from './batch-decoder.ts'
import { type BatchHeader, batchEnd, readBatchHeader } from './batch-header.ts'
import { BATCH_CODECS } from './compression/decompress.ts'
import type { DecodeBudget } from './decode-budget.ts'
import type { FetchedPartition, UndecodableBatch } from './fetched-partition.ts'

export interface PartitionToDecode {
  readonly topic: string
  readonly partition: number
  /** The requested offset. */
  readonly from: bigint
  readonly aborted: readonly AbortedTransaction[]
  /** Batches one after the other; the last one may be cut off. */
  readonly bytes: Buffer
}

export type DecodedBatches = Pick<FetchedPartition, 'records' | 'undecodable' | 'nextOffset' | 'firstLeaderEpoch' | 'lastLeaderEpoch'>

/** Decodes the batches of one partition for a reader that requested `from`. It never throws, whatever the bytes. */
export async function decodeBatches(source: PartitionToDecode, budget: DecodeBudget): Promise<DecodedBatches> {
  const { topic, partition, bytes, from } = source
  const decoded = new Decoded(from)
  const aborted = new AbortedTransactions(source.aborted)
  for (let at = 0, end = batchEnd(bytes, at); end !== undefined && !budget.isSpent; at = end, end = batchEnd(bytes, at)) {
    if (budget.needsPause) await budget.pause()
    budget.takeSlice(1)
    const header = readBatchHeader(bytes, at, end)
    if (!header) {
      decoded.unreadable(bytes.subarray(at, end), from)
      if (end <= at) break // a broken length: the batches after it cannot be found
      continue
    }
    if (header.lastOffset < from) continue // a broker may begin with the previous batch
    decoded.reached(header)
    if (aborted.isAborted(header) || header.isControl) {
      decoded.nextOffset = header.lastOffset + 1n
      continue
    }
    const before = decoded.records.length
    try {
      const next = decodeBatch({ topic, partition, header, from }, decoded.records, budget)
      decoded.nextOffset = typeof next === 'bigint' ? next : await next
    } catch (error) {
      decoded.records.length = before
      decoded.broken(header, from, error)
    }
    if (decoded.nextOffset <= header.lastOffset) break // the budget ended inside the batch
  }
  return decoded
}

class Decoded implements DecodedBatches {
  readonly records: KafkaRecord[] = []
  readonly undecodable: UndecodableBatch[] = []
  nextOffset: bigint
  firstLeaderEpoch: number | undefined
  lastLeaderEpoch: number | undefined

  constructor(from: bigint) {
    this.nextOffset = from
  }

  reached({ leaderEpoch }: BatchHeader): void {
    this.firstLeaderEpoch ??= leaderEpoch
    this.lastLeaderEpoch = leaderEpoch
  }

  broken(header: BatchHeader, from: bigint, error: unknown): void {
    this.#lose({
      firstOffset: header.firstOffset < from ? from : header.firstOffset,
      lastOffset: header.lastOffset,
      records: Math.max(1, header.recordCount), // a broken one may say anything, and counters refuse less than 0
      codec: BATCH_CODECS[header.codec]?.name ?? 'uncompressed',
      cause: error instanceof Error ? error.message : String(error),
      bytes: header.batch,
    })
  }

  /** Not of version 2: either from Kafka before 0.11, where the leading offset is that of the only or last record, or broken. */
  unreadable(batch: Buffer, from: bigint): void {
    const offset = batch.length > 0 ? batch.readBigInt64BE(0) : from
    if (offset < from) return
    this.#lose({
      firstOffset: this.nextOffset,
      lastOffset: offset < this.nextOffset ? this.nextOffset : offset,
      records: 1,
      codec: 'old',
      cause: 'it is not in the record format of Kafka 0.11 and later',
      bytes: batch,
    })
  }

  #lose(batch: UndecodableBatch): void {
    this.undecodable.push(batch)
    this.nextOffset = batch.lastOffset + 1n
  }
}
