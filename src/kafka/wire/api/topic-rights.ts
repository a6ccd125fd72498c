import { BytesReader } from '../bytes/bytes-reader.ts'
import type { Api } from './api.ts'
import { operationsOf } from './operations.ts'
import { encodeTopicNames } from './topic-metadata.ts'

export interface TopicRights {
  readonly topic: string
  /** 0; 3 when there is no such topic; 29 when this user may not know of it. */
  readonly errorCode: number
  /** What this user may do with the topic. Undefined when the broker did not say. */
  readonly operations: readonly string[] | undefined
}

export interface ClusterView {
  readonly brokers: readonly { readonly nodeId: number; readonly host: string; readonly port: number }[]
  readonly topics: readonly TopicRights[]
}

const ID_BYTES = 16

/** The brokers, and what this user may do with topics. Metadata in a version that can tell, from Kafka 2.8 on. Creates no topic. */
export const TOPIC_RIGHTS: Api<readonly string[], ClusterView> = {
  key: 3,
  name: 'Metadata',
  versions: [10],
  encode: (topics) => encodeTopicNames(topics, { asksRights: true }),
  async decode(body) {
    const reader = new BytesReader(body)
    reader.skipTaggedFields() // of the header
    const throttledMs = reader.int32()
    const brokers = reader.compactArray(readBroker)
    reader.compactString() // cluster id
    reader.int32() // controller
    return { throttledMs, answer: { brokers, topics: reader.compactArray(readTopic) } }
  },
}

function readBroker(reader: BytesReader): ClusterView['brokers'][number] {
  const nodeId = reader.int32()
  const host = reader.compactString() ?? ''
  const port = reader.int32()
  reader.compactString() // rack
  reader.skipTaggedFields()
  return { nodeId, host, port }
}

function readTopic(reader: BytesReader): TopicRights {
  const errorCode = reader.int16()
  const topic = reader.compactString() ?? ''
  reader.bytes(ID_BYTES)
  reader.int8() // is internal
  reader.compactArray(skipPartition)
  const operations = operationsOf(reader.int32())
  reader.skipTaggedFields()
  return { topic, errorCode, operations }
}

function skipPartition(reader: BytesReader): void {
  reader.skip(14) // error, partition, leader, leader epoch
  for (let list = 0; list < 3; list++) reader.compactArray(() => reader.int32()) // replicas: all, in sync, offline
  reader.skipTaggedFields()
}
