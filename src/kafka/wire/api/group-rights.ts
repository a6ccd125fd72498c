import { BytesReader } from '../bytes/bytes-reader.ts'
import { BytesWriter } from '../bytes/bytes-writer.ts'
import type { Api } from './api.ts'
import { operationsOf } from './operations.ts'

export interface GroupRights {
  readonly groupId: string
  /** 0 from the group's coordinator; 16 from another broker; 30 when this user may not know of the group. */
  readonly errorCode: number
  readonly operations: readonly string[] | undefined
}

/**
 * What this user may do with consumer groups: DescribeGroups in a version that can tell, from Kafka 2.4 on. The coordinator is found by
 * asking all brokers, because looking it up creates the internal topic of the offsets in a new cluster.
 */
export const GROUP_RIGHTS: Api<readonly string[], GroupRights[]> = {
  key: 15,
  name: 'DescribeGroups',
  versions: [4],
  encode(groupIds) {
    const writer = new BytesWriter()
    return writer
      .array(groupIds, (groupId) => writer.string(groupId))
      .int8(1)
      .written()
  },
  async decode(body) {
    const reader = new BytesReader(body)
    const throttledMs = reader.int32()
    return { throttledMs, answer: reader.array(() => readGroup(reader)) }
  },
}

function readGroup(reader: BytesReader): GroupRights {
  const errorCode = reader.int16()
  const groupId = reader.string() ?? ''
  for (let text = 0; text < 3; text++) reader.string() // state, protocol type, protocol
  reader.array(() => {
    for (let text = 0; text < 4; text++) reader.string() // of the member: id, instance, client, host
    for (let part = 0; part < 2; part++) reader.skip(reader.int32()) // subscription, assignment
  })
  return { groupId, errorCode, operations: operationsOf(reader.int32()) }
}
