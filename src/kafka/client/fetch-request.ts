import type { Broker, KafkaMessage } from 'kafkajs'
import type { KafkaRecord } from '../record.ts'
import { toKafkaRecord } from '../wire/records.ts'
import { type UndecodableBatchError, undecodable } from '../wire/undecodable-batch.ts'

export interface FetchRequest {
  readonly topic: string
  readonly partition: number
  readonly offset: bigint
  readonly maxBytes: number
  readonly maxWaitMs: number
}

export interface FetchAnswer {
  readonly records: KafkaRecord[]
  /** Batches among them that cannot be decompressed, and how many records were lost in them. */
  readonly undecodable: UndecodableBatchError[]
  readonly undecodableRecords: number
  /** Where to go on: behind all that was answered, control records of transactions included. */
  readonly next: bigint
  readonly highWatermark: bigint
}

const READ_COMMITTED = 1
/**
 * The last version that only a partition's leader answers (KIP-392). A broker that led before answers later ones as a follower, to
 * which new records are visible with its next own fetch only: up to half a second late (`replica.fetch.wait.max.ms`).
 */
const LEADER_ONLY_VERSION = 10

/** What kafkajs 2.2.4 has but does not declare. */
interface BrokerWithVersions extends Broker {
  lookupRequest(apiKey: number, definition: RequestDefinition): unknown
}

interface RequestDefinition {
  readonly versions: readonly string[]
}

/** Asks the leader of one partition for its records from an offset on. Another broker refuses. */
export async function fetchRecords(broker: Broker, request: FetchRequest): Promise<FetchAnswer> {
  const { topic, partition, offset, maxBytes, maxWaitMs } = request
  const answer: RawAnswer = await asLeader(broker).fetch({
    maxWaitTime: maxWaitMs,
    minBytes: maxWaitMs === 0 ? 0 : 1,
    maxBytes,
    isolationLevel: READ_COMMITTED,
    topics: [{ topic, partitions: [{ partition, fetchOffset: `${offset}`, maxBytes }] }],
  })
  const part = answer.responses
    .flatMap((each) => (each.topicName === topic ? each.partitions : []))
    .find((each) => each.partition === partition)
  if (!part) throw new Error(`the broker did not answer for ${topic}:${partition}`)
  return sort(topic, part, offset)
}

function asLeader(broker: Broker): Broker {
  const { lookupRequest } = broker as BrokerWithVersions
  const look: BrokerWithVersions['lookupRequest'] = (apiKey, definition) =>
    lookupRequest(apiKey, { ...definition, versions: definition.versions.filter((version) => Number(version) <= LEADER_ONLY_VERSION) })
  return Object.create(broker, { lookupRequest: { value: look } })
}

function sort(topic: string, part: RawPartition, from: bigint): FetchAnswer {
  const records: KafkaRecord[] = []
  const batches: UndecodableBatchError[] = []
  let undecodableRecords = 0
  let next = from
  for (const message of part.messages) {
    const offset = BigInt(message.offset)
    if (offset < from) continue // a batch may begin before the offset that was asked for
    next = offset + 1n
    const fault = undecodable(message)
    if (fault) {
      undecodableRecords += 1
      if (batches.at(-1)?.firstOffset !== fault.firstOffset) batches.push(fault)
    } else if (!message.isControlRecord) records.push(toKafkaRecord(topic, part.partition, message))
  }
  return { records, undecodable: batches, undecodableRecords, next, highWatermark: BigInt(part.highWatermark) }
}

interface RawAnswer {
  readonly responses: readonly { readonly topicName: string; readonly partitions: readonly RawPartition[] }[]
}

interface RawPartition {
  readonly partition: number
  readonly highWatermark: string
  readonly messages: readonly (KafkaMessage & { readonly isControlRecord?: boolean })[]
}
