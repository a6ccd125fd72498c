// Stands in for the compiled `kafka/reader/tail.js` in a control: the tail as it is often written, a consumer group with a name of
// its own that nobody commits for.
import { randomUUID } from 'node:crypto'
import { toKafkaRecord } from '../wire/records.js'

export function createTail({ topic }, { kafka, onRecords, health }) {
  let consumer
  let next = 0n
  let answeredAt = Number.NEGATIVE_INFINITY
  const make = async (offset) => {
    consumer = kafka.consumer({
      groupId: `throw-away-${randomUUID()}`,
      sessionTimeout: 6000,
      heartbeatInterval: 1000,
      maxWaitTimeInMs: 100,
    })
    const answered = () => {
      answeredAt = performance.now()
    }
    consumer.on(consumer.events.FETCH, answered)
    await consumer.connect()
    await consumer.subscribe({ topics: [topic], fromBeginning: true })
    const joined = new Promise((resolve) => consumer.on(consumer.events.GROUP_JOIN, resolve))
    await consumer.run({
      autoCommit: false,
      eachBatch: async ({ batch, resolveOffset, heartbeat }) => {
        next = BigInt(batch.lastOffset()) + 1n
        await onRecords(
          batch.messages.map((message) => toKafkaRecord(topic, 0, message)),
          next,
        )
        resolveOffset(batch.lastOffset())
        await heartbeat()
      },
    })
    await joined
    consumer.seek({ topic, partition: 0, offset: `${offset}` })
  }
  return {
    async start(from) {
      next = from
      await make(from)
      health?.ready()
    },
    position: () => next,
    isLive: () => performance.now() - answeredAt < 1000,
    seek: (offset) => consumer.seek({ topic, partition: 0, offset: `${offset}` }),
    stop: async () => consumer?.disconnect(),
  }
}
