import { BytesReader } from '../bytes/bytes-reader.ts'
import { BytesWriter } from '../bytes/bytes-writer.ts'
import type { Api } from './api.ts'

export interface TopicMetadata {
  readonly topic: string
  readonly errorCode: number
  /** In hex. A topic that is deleted and created again gets another id. */
  readonly id: string
  readonly partitions: readonly number[]
}

const ID_BYTES = 16

/** The ids and partitions of topics: Metadata in the first version that has ids, from Kafka 2.8 on. Each topic has its own error. */
export const TOPIC_METADATA: Api<readonly string[], TopicMetadata[]> = {
  key: 3,
  name: 'Metadata',
  versions: [10],
  encode: (topics) => encodeTopicNames(topics, { asksRights: false }),
  async decode(body) {
    const reader = new BytesReader(body)
    reader.skipTaggedFields() // of the header
    const throttledMs = reader.int32()
    reader.compactArray(skipBroker)
    reader.compactString() // cluster id
    reader.int32() // controller
    return { throttledMs, answer: reader.compactArray(readTopic) }
  },
}

function skipBroker(reader: BytesReader): void {
  reader.int32() // node id
  reader.compactString() // host
  reader.int32() // port
  reader.compactString() // rack
  reader.skipTaggedFields()
}

function readTopic(reader: BytesReader): TopicMetadata {
  const errorCode = reader.int16()
  const topic = reader.compactString() ?? ''
  const id = reader.bytes(ID_BYTES).toString('hex')
  reader.int8() // is internal
  const partitions = reader.compactArray(readPartition)
  reader.int32() // permissions
  reader.skipTaggedFields()
  return { topic, errorCode, id, partitions }
}

function readPartition(reader: BytesReader): number {
  reader.int16() // error
  const partition = reader.int32()
  reader.skip(8) // leader, leader epoch
  for (let list = 0; list < 3; list++) reader.compactArray(() => reader.int32()) // replicas: all, in sync, offline
  reader.skipTaggedFields()
  return partition
}

/** A Metadata request, version 10, for these topics. It creates none. `asksRights`: whether the answer says what this user may do with them. */
export function encodeTopicNames(topics: readonly string[], { asksRights }: { asksRights: boolean }): Buffer {
  const writer = new BytesWriter()
  writer.uvarint(0) // tagged fields of the header, which is flexible too
  writer.uvarint(topics.length + 1)
  for (const topic of topics) writer.bytes(Buffer.alloc(ID_BYTES)).compactString(topic).uvarint(0)
  // May create topics, rights of the cluster, rights of the topics, tagged fields.
  return writer
    .int8(0)
    .int8(0)
    .int8(asksRights ? 1 : 0)
    .uvarint(0)
    .written()
}
