import { randomUUID } from 'node:crypto'
import { Kafka, logLevel, type Transaction } from 'kafkajs'
import { expect, test } from 'vitest'
import { createNodeServices } from '../support/bridge/node-services.ts'
import { createNode, startBridge, type TestBridge } from '../support/bridge/start-bridge.ts'
import { eventually } from '../support/eventually.ts'
import { onEnd } from '../support/on-end.ts'
import { kafkaBrokers } from '../support/stack/shared-stack.ts'

const WITHIN = { timeoutMs: 20_000 }

/** A transaction of a stranger in the event log, such as a copying tool makes, with one record that is no event. */
async function beginTransaction(topic: string): Promise<Transaction> {
  const kafka = new Kafka({ clientId: 'copying-tool', brokers: kafkaBrokers(), logLevel: logLevel.NOTHING })
  const producer = kafka.producer({ transactionalId: randomUUID(), maxInFlightRequests: 1, idempotent: true })
  await producer.connect()
  onEnd(() => producer.disconnect())
  const transaction = await producer.transaction()
  await transaction.send({ topic, messages: [{ key: 'x', value: 'no event' }] })
  return transaction
}

test.each(['commit', 'abort'] as const)('a lone relay starts on an event log that ends in a control record: %s', async (end) => {
  const node = await createNode()
  const transaction = await beginTransaction(node.topics.events)
  await transaction[end]()
  const bridge = await startBridge(node)
  await eventually(() => expect(bridge.health.report().ready).toBe(true), WITHIN)
})

test('while a transaction is open in the event log, what is heard is written all the same', async () => {
  const [a, b, services] = await Promise.all([createNode(), createNode(), createNodeServices()])
  await startBridge(a)
  const bridge = await startBridge(b, { P2P_STATIC_PEERS: a.multiaddr })
  const transaction = await beginTransaction(b.topics.events)
  onEnd(() => transaction.abort())
  await services.announceSubtrees(a.topics.notifications, 5)
  await eventually(async () => expect(await written(bridge)).toBe(5), WITHIN)
  expect(bridge.health.report().parts.find(({ part }) => part === 'event log')?.ready).toBe(true)
})

/** Announcements that the bridge has written to its event log. */
async function written({ registry }: TestBridge): Promise<number> {
  const { values = [] } = (await registry.getSingleMetric('bridge_event_log_write_seconds')?.get()) ?? {}
  const counts = values.filter((value) => (value as { metricName?: string }).metricName?.endsWith('_count'))
  return counts.reduce((sum, { value }) => sum + value, 0)
}
