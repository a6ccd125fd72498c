import { BytesReader } from '../bytes/bytes-reader.ts'
import { BytesWriter } from '../bytes/bytes-writer.ts'
import type { Api } from './api.ts'

export interface ConsumerGroup {
  readonly groupId: string
  /** 0 for a group of the consumer protocol; 69 when no such group of this name exists, but perhaps a classic one. */
  readonly errorCode: number
  readonly members: readonly ConsumerGroupMember[]
}

export interface ConsumerGroupMember {
  readonly clientId: string
  readonly clientHost: string
  /** Empty for a member that subscribes by a pattern. */
  readonly topics: readonly string[]
  readonly topicPattern: string | null
}

/** The members of groups of the consumer protocol (KIP-848), which older requests show as dead and empty. From Kafka 3.7 on. */
export const CONSUMER_GROUP_DESCRIBE: Api<readonly string[], ConsumerGroup[]> = {
  key: 69,
  name: 'ConsumerGroupDescribe',
  versions: [0],
  encode(groupIds) {
    const writer = new BytesWriter().uvarint(0) // tagged fields of the header
    writer.uvarint(groupIds.length + 1)
    for (const groupId of groupIds) writer.compactString(groupId)
    return writer.int8(0).uvarint(0).written() // asks for no permissions
  },
  async decode(body) {
    const reader = new BytesReader(body)
    reader.skipTaggedFields() // of the header
    const throttledMs = reader.int32()
    return { throttledMs, answer: reader.compactArray(readGroup) }
  },
}

function readGroup(reader: BytesReader): ConsumerGroup {
  const errorCode = reader.int16()
  reader.compactString() // error message
  const groupId = reader.compactString() ?? ''
  reader.compactString() // state
  reader.skip(8) // epochs of the group and of its assignment
  reader.compactString() // assignor
  const members = reader.compactArray(readMember)
  reader.int32() // permissions
  reader.skipTaggedFields()
  return { groupId, errorCode, members }
}

function readMember(reader: BytesReader): ConsumerGroupMember {
  for (let id = 0; id < 3; id++) reader.compactString() // of the member, the instance and the rack
  reader.int32() // epoch
  const clientId = reader.compactString() ?? ''
  const clientHost = reader.compactString() ?? ''
  const topics = reader.compactArray(() => reader.compactString() ?? '')
  const topicPattern = reader.compactString()
  skipAssignment(reader)
  skipAssignment(reader) // the target, which it may not have reached yet
  reader.skipTaggedFields()
  return { clientId, clientHost, topics, topicPattern }
}

function skipAssignment(reader: BytesReader): void {
  reader.compactArray(() => {
    reader.skip(TOPIC_ID_BYTES)
    reader.compactString()
    reader.compactArray(() => reader.int32())
    reader.skipTaggedFields()
  })
  reader.skipTaggedFields()
}

const TOPIC_ID_BYTES = 16
