import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { expect, test } from 'vitest'
import { createPartitionReader } from '../../../src/kafka/reader/partition-reader.ts'
import { SYSTEM_CLOCK } from '../../../src/lifecycle/clock.ts'
import { eventually } from '../../support/eventually.ts'
import { onEnd } from '../../support/on-end.ts'
import { createTopic } from '../../support/stack/create-topic.ts'
import { kafkaBrokers } from '../../support/stack/shared-stack.ts'
import { connection, log } from './parts.ts'

/** A broker that takes connections and says nothing; after `wake()` it answers on new ones, while the old ones stay silent. */
async function sleepingBroker(): Promise<{ address: string; wake(): void }> {
  const [host = '', port = ''] = (kafkaBrokers()[0] ?? '').split(':')
  let isAwake = false
  const sockets = new Set<Socket>()
  const keep = (socket: Socket) => sockets.add(socket.on('error', () => {}))
  const server = createServer((client) => {
    keep(client)
    if (!isAwake) return
    const broker = connect(Number(port), host)
    keep(broker)
    client.pipe(broker).pipe(client)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onEnd(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const address = server.address()
  return {
    address: `127.0.0.1:${typeof address === 'object' ? address?.port : ''}`,
    wake: () => {
      isAwake = true
    },
  }
}

function readerOf(topic: string, brokers: string[]) {
  const reader = createPartitionReader({ topic, deadlineMs: 3000 }, { clock: SYSTEM_CLOCK, kafka: connection({ brokers }), log })
  onEnd(() => reader.stop())
  return reader
}

test('a broker that was silent at the first connection is used as soon as it answers', async () => {
  const topic = await createTopic()
  const broker = await sleepingBroker()
  const reader = readerOf(topic, [broker.address])
  await expect(reader.bounds()).rejects.toThrow()
  broker.wake()
  await eventually(async () => expect(await reader.bounds()).toEqual({ low: 0n, high: 0n }), { timeoutMs: 10_000 })
})

test('a silent broker among the bootstrap brokers holds up nobody for long', async () => {
  const topic = await createTopic()
  const { address } = await sleepingBroker()
  const reader = readerOf(topic, [address, ...kafkaBrokers()])
  await eventually(async () => expect(await reader.bounds()).toEqual({ low: 0n, high: 0n }), { timeoutMs: 15_000 })
})
