import { createKafka } from '../../../../src/kafka/client/connection.ts'
import { createGroupConsumer } from '../../../../src/kafka/group/group-consumer.ts'
import { SYSTEM_CLOCK } from '../../../../src/lifecycle/clock.ts'
import { fetchesOf } from './count-fetches.mjs'
import { createParts } from './parts.ts'
import { keyOf, type Reader } from './reader.ts'

/** A member of a consumer group, which continues at the group's committed offset. */
export const groupReader: Reader = {
  name: 'group',
  async open({ topic, brokers, clientId, id }) {
    const delivered: string[] = []
    const parts = createParts()
    const group = createGroupConsumer(
      { groupId: id, topics: [topic], sessionTimeoutMs: 3000, maxInFlight: 100 },
      {
        clock: SYSTEM_CLOCK,
        ...parts,
        kafka: createKafka({ clientId, brokers }, parts),
        handle: async (record) => void delivered.push(keyOf(record)),
        isTransient: () => false,
        deadLetter: async () => void parts.reported.push('undecodable'),
      },
    )
    await group.start()
    const position = async () => (await group.committed(topic, 0))?.next
    return {
      delivered: () => delivered,
      reported: () => parts.reported,
      position,
      lag: () => parts.sample('bridge_group_lag_records'),
      lost: () => parts.sample('bridge_group_lost_offsets_total'),
      fault: () => (parts.said.length === 0 ? undefined : `it was not ready: ${parts.said.join('; ')}`),
      fetches: () => fetchesOf(clientId),
      async stop() {
        const from = (await position()) ?? 0n // only for the result: the group itself keeps its offset
        await group.stop()
        return from
      },
    }
  },
}
