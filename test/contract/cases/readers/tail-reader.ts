import { createKafka } from '../../../../src/kafka/client/connection.ts'
import { createTail } from '../../../../src/kafka/reader/tail.ts'
import { SYSTEM_CLOCK } from '../../../../src/lifecycle/clock.ts'
import { fetchesOf } from './count-fetches.mjs'
import { createParts } from './parts.ts'
import { keyOf, type Reader } from './reader.ts'

/** The reader of the event log: one partition, no group. */
export const tailReader: Reader = {
  name: 'tail',
  async open({ topic, brokers, clientId, from }) {
    const delivered: string[] = []
    const parts = createParts()
    const tail = createTail(
      { topic },
      {
        clock: SYSTEM_CLOCK,
        ...parts,
        kafka: createKafka({ clientId, brokers }, parts),
        onRecords: (records) => {
          for (const record of records) delivered.push(keyOf(record))
        },
        onGap: ({ reason }) => void (reason === 'undecodable' || parts.reported.push(reason)), // the log has that one too,
      },
    )
    await tail.start(from ?? 'earliest')
    return {
      delivered: () => delivered,
      reported: () => parts.reported,
      position: async () => tail.position(),
      lag: () => parts.sample('bridge_tail_lag_records'),
      fault: () => (parts.said.length === 0 ? undefined : `it was not ready: ${parts.said.join('; ')}`),
      fetches: () => fetchesOf(clientId),
      async stop() {
        await tail.stop()
        return tail.position()
      },
    }
  },
}
