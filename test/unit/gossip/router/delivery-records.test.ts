import { expect, test } from 'vitest'
import { createNode } from '../../../../src/gossip/node/node.ts'
import { keepNoDeliveryRecords } from '../../../../src/gossip/router/delivery-records.ts'
import { ephemeralIdentity } from '../../../../src/identity/key.ts'

interface Score {
  readonly params: { topics: object }
  readonly deliveryRecords: { readonly records: ReadonlyMap<string, unknown> }
  validateMessage(id: string): void
  deliverMessage(from: string, id: string, topic: string): void
}

async function scoreOf() {
  const options = { identity: await ephemeralIdentity(), topics: ['t'], listen: [], announce: [], userAgent: 'test' }
  const node = await createNode({ ...options, maxConnections: 10, maxConnectionsPerSecondAndAddress: 5 }, { connectionGater: {} })
  const { pubsub } = node.services
  return { pubsub, score: (pubsub as unknown as { score: Score }).score }
}

function hear(score: Score): number {
  score.validateMessage('a')
  score.deliverMessage('peer', 'b', 't')
  return score.deliveryRecords.records.size
}

test('a node keeps no delivery records', async () => {
  const { score } = await scoreOf()
  expect(hear(score)).toBe(0)
})

test('a router with topic scores keeps its records', async () => {
  const { pubsub, score } = await scoreOf()
  const fresh = Object.create(Object.getPrototypeOf(score), Object.getOwnPropertyDescriptors(score)) as Score
  for (const method of ['validateMessage', 'deliverMessage'] as const) Reflect.deleteProperty(fresh, method)
  fresh.params.topics = { t: {} }
  keepNoDeliveryRecords(Object.assign(Object.create(pubsub), { score: fresh }))
  expect(Object.hasOwn(fresh, 'deliverMessage')).toBe(false)
  fresh.validateMessage('a')
  expect(fresh.deliveryRecords.records.size).toBe(1)
})
