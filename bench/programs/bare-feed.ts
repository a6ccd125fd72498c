import uWS from 'uWebSockets.js'
import { randomBytes } from 'node:crypto'
import { Kafka, logLevel } from 'kafkajs'
import { parent } from '../support/parent.ts'

export interface BareFeedOptions {
  readonly brokers: readonly string[]
  readonly topic: string
  readonly port: number
}

const MAX_BACKPRESSURE_BYTES = 2 << 20

// The minimum: kafkajs reads, uWebSockets.js publishes the bytes unchanged. kafkajs as it is: with the bridge's patches its consumer is a
// member of the group and nothing else.
const { options, tell } = await parent<BareFeedOptions>()
const app = uWS.App()
app.ws('/ws', {
  compression: uWS.DISABLED,
  maxBackpressure: MAX_BACKPRESSURE_BYTES,
  open: (socket) => void socket.subscribe('all'),
})
app.listen('127.0.0.1', options.port, () => {})

const kafka = new Kafka({ clientId: 'bare', brokers: [...options.brokers], logLevel: logLevel.NOTHING })
const consumer = kafka.consumer({
  groupId: `bare-${randomBytes(4).toString('hex')}`,
  allowAutoTopicCreation: false,
})
const joined = new Promise<void>((resolve) => consumer.on(consumer.events.GROUP_JOIN, () => resolve()))
await consumer.connect()
await consumer.subscribe({ topics: [options.topic], fromBeginning: true })
await consumer.run({
  autoCommit: false,
  eachBatch: async ({ batch }) => {
    for (const { value } of batch.messages) app.publish('all', `${value}`)
  },
})
await joined
tell('ready')
