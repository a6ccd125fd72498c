import { BytesReader } from '../bytes/bytes-reader.ts'
import { BytesWriter } from '../bytes/bytes-writer.ts'
import { DecodeBudget } from '../decode-budget.ts'
import type { FetchedPartition } from '../fetched-partition.ts'
import { decodeBatches, type PartitionToDecode } from '../partition-decoder.ts'
import { type Api, byTopic, CLIENT, type PartitionName, READ_COMMITTED } from './api.ts'

export interface FetchPartition extends PartitionName {
  readonly offset: bigint
  readonly maxBytes: number
}

export interface FetchRequest {
  readonly partitions: readonly FetchPartition[]
  /** How long the broker waits for records when it has none. 0: it answers at once. */
  readonly maxWaitMs: number
  /** Bound of the whole answer; a larger first batch is returned anyway. */
  readonly maxBytes: number
}

/**
 * The last version that only a partition's leader answers (KIP-392). A former leader answers later versions as a follower, which sees
 * new records only with its own next fetch: up to half a second late (`replica.fetch.wait.max.ms`).
 */
const LEADER_ONLY_VERSION = 10
const NO_SESSION = { id: 0, epoch: -1 }
const UNKNOWN = -1

/** Records of several partitions of one broker, for readers of committed records. A throttled answer may lack partitions. */
export const FETCH: Api<FetchRequest, FetchedPartition[]> = {
  key: 1,
  name: 'Fetch',
  versions: [LEADER_ONLY_VERSION],
  encode,
  decode,
}

function encode({ partitions, maxWaitMs, maxBytes }: FetchRequest): Buffer {
  const writer = new BytesWriter()
  writer
    .int32(CLIENT)
    .int32(maxWaitMs)
    .int32(maxWaitMs === 0 ? 0 : 1) // the least bytes to wait for
    .int32(maxBytes)
    .int8(READ_COMMITTED)
    .int32(NO_SESSION.id)
    .int32(NO_SESSION.epoch)
    .array(byTopic(partitions), ([topic, ofTopic]) =>
      writer.string(topic).array(ofTopic, (each) =>
        writer
          .int32(each.partition)
          .int32(UNKNOWN) // leader epoch
          .int64(each.offset)
          .int64(BigInt(UNKNOWN)) // log start, which only replicas know
          .int32(each.maxBytes),
      ),
    )
    .int32(0) // partitions to be removed from the session
  return writer.written()
}

async function decode(body: Buffer, request: FetchRequest) {
  const reader = new BytesReader(body)
  const throttledMs = reader.int32()
  const errorCode = reader.int16()
  reader.int32() // session
  const raw = reader.array(() => {
    const topic = reader.string() ?? ''
    return reader.array(() => readPartition(reader, topic, request))
  })
  const answer: FetchedPartition[] = []
  const isEmpty = raw.flat().every(({ source }) => source.bytes.length === 0)
  const budget = new DecodeBudget()
  for (const { head, source } of raw.flat()) {
    const batches = await decodeBatches(source, budget)
    // An empty answer means that no record exists: compaction removed the last records before the end with their batches.
    const nextOffset = isEmpty && head.errorCode === 0 && head.lastStableOffset > source.from ? head.lastStableOffset : batches.nextOffset
    answer.push({ ...head, ...batches, nextOffset, errorCode: head.errorCode || errorCode })
  }
  return { throttledMs, answer }
}

function readPartition(reader: BytesReader, topic: string, request: FetchRequest) {
  const partition = reader.int32()
  const from = request.partitions.find((each) => each.topic === topic && each.partition === partition)?.offset ?? 0n
  const head = {
    topic,
    partition,
    errorCode: reader.int16(),
    highWatermark: reader.int64(),
    lastStableOffset: reader.int64(),
    logStartOffset: reader.int64(),
  }
  const aborted = reader.array(() => ({ producerId: reader.int64(), firstOffset: reader.int64() }))
  const size = reader.int32()
  const source: PartitionToDecode = { topic, partition, from, aborted, bytes: reader.bytes(Math.max(0, size)) }
  return { head, source }
}
