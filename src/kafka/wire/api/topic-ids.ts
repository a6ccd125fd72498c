import { BytesReader } from '../bytes/bytes-reader.ts'
import { BytesWriter } from '../bytes/bytes-writer.ts'
import type { Api } from './api.ts'

export interface TopicId {
  readonly topic: string
  readonly errorCode: number
  /** In hex. A topic that is deleted and created again gets another id. */
  readonly id: string
}

const ID_BYTES = 16

/** The ids of topics: Metadata in the first version that has them, from Kafka 2.8 on. */
export const TOPIC_IDS: Api<readonly string[], TopicId[]> = {
  key: 3,
  name: 'Metadata',
  versions: [10],
  encode(topics) {
    const writer = new BytesWriter()
    writer.uvarint(0) // tagged fields of the header, which is flexible too
    writer.uvarint(topics.length + 1)
    for (const topic of topics) writer.bytes(Buffer.alloc(ID_BYTES)).compactString(topic).uvarint(0)
    return writer.int8(0).int8(0).int8(0).uvarint(0).written() // creates no topic, asks for no permissions
  },
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

function readTopic(reader: BytesReader): TopicId {
  const errorCode = reader.int16()
  const topic = reader.compactString() ?? ''
  const id = reader.bytes(ID_BYTES).toString('hex')
  reader.int8() // is internal
  reader.compactArray(skipPartition)
  reader.int32() // permissions
  reader.skipTaggedFields()
  return { topic, errorCode, id }
}

function skipPartition(reader: BytesReader): void {
  reader.skip(14) // error, partition, leader, leader epoch
  for (let list = 0; list < 3; list++) reader.compactArray(() => reader.int32()) // replicas: all, in sync, offline
  reader.skipTaggedFields()
}
