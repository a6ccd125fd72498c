// Stands in for the compiled `kafka/reader/tail.js` in a control: the tail as it is often written, a consumer group with a name of
// its own that nobody commits for.
import { randomUUID } from 'node:crypto'
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)

/** kafkajs as it comes: members of groups that the bridge makes read nothing. */
function loadKafkajs() {
  const isOfKafkajs = (file) => file.includes('/kafkajs/')
  const patched = Object.entries(require.cache).filter(([file]) => isOfKafkajs(file))
  const forget = () => {
    for (const file of Object.keys(require.cache).filter(isOfKafkajs)) delete require.cache[file]
  }
  forget()
  const fresh = require('kafkajs')
  forget()
  for (const [file, module] of patched) require.cache[file] = module
  return fresh
}

function toRecord(topic, { offset, key, value, timestamp, headers }) {
  const text = Object.fromEntries(Object.entries(headers ?? {}).map(([name, each]) => [name, `${each}`]))
  return { topic, partition: 0, offset: BigInt(offset), key, value, timestamp: Number(timestamp), headers: text }
}

export function createTail({ topic }, { kafka, onRecords, health }) {
  const { Kafka, logLevel } = loadKafkajs()
  const client = new Kafka({ clientId: 'throw-away', brokers: [...kafka.brokers], logLevel: logLevel.NOTHING })
  let consumer
  let next = 0n
  let answeredAt = Number.NEGATIVE_INFINITY
  const make = async (offset) => {
    consumer = client.consumer({
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
          batch.messages.map((message) => toRecord(topic, message)),
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
