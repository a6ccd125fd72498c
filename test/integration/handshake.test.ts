import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { createNode, startBridge, type TestBridge, type TestNode } from '../support/bridge/start-bridge.ts'
import { eventually } from '../support/eventually.ts'
import { createTopicClient, type TopicClient } from '../support/stack/topic-client.ts'

const randomHash = () => randomBytes(32).toString('hex')
const wait = { timeoutMs: 20_000 }

async function announceBlock({ codec, producer, readAll }: TopicClient, node: TestNode, block: { hash: string; height: number }) {
  const nothing = { header: null, previousHash: null, miner: null, sizeInBytes: null, txCount: null }
  const value = codec.encode('notifications', { type: 'Block', ...block, ...nothing })
  await producer.send(node.topics.notifications, { key: block.hash, value, headers: {} })
  await eventually(async () => (await readAll(node.topics.events)).some(({ headers }) => headers.type === 'block'), wait)
}

async function handshakes({ registry }: TestBridge, outcome: string): Promise<number> {
  const { values = [] } = (await registry.getSingleMetric('bridge_gossip_handshakes_total')?.get()) ?? {}
  return values.find(({ labels }) => (labels as Record<string, unknown>).outcome === outcome)?.value ?? 0
}

test('the best block of a peer that is ahead becomes one sync event and one blocks record, also after a restart of the peer', async () => {
  const [a, b, client] = await Promise.all([createNode(), createNode(), createTopicClient()])
  const first = await startBridge(a)
  const hash = randomHash()
  await announceBlock(client, a, { hash, height: 7 })
  const behind = await startBridge(b, { P2P_STATIC_PEERS: a.multiaddr })
  const syncs = async (topic: string, partitions = 1) =>
    (await client.readAll(topic, partitions)).filter(({ headers }) => headers.type === 'sync')
  await eventually(async () => (await syncs(b.topics.blocks, 2)).length > 0, wait)
  expect(await handshakes(behind, 'version-sent')).toBeGreaterThan(0)
  expect(await handshakes(first, 'verack-sent')).toBeGreaterThan(0)

  await first.stop()
  const heard = await handshakes(behind, 'ahead')
  await startBridge(a)
  await eventually(async () => (await handshakes(behind, 'ahead')) > heard, wait)

  const events = await syncs(b.topics.events)
  expect(events).toHaveLength(1)
  const [record, ...others] = await syncs(b.topics.blocks, 2)
  expect(others).toEqual([])
  expect(record?.key?.toString()).toBe(hash)
  expect(record?.headers['peer-id']).toBe(a.peerId)
  const value = client.codec.decode('blocks', record?.value ?? null)
  expect(value).toMatchObject({ hash, height: 7, peerId: a.peerId, url: `http://${a.name}.example:8090/api/v1` })
  expect(await syncs(a.topics.events)).toEqual([]) // the node behind is no news to the one ahead
})

test('a node asks for the best block, and another one answers it on a direct stream', async () => {
  const [a, b, client] = await Promise.all([createNode(), createNode(), createTopicClient()])
  const old = { P2P_BESTBLOCK_TOPIC: 'bestblock' }
  const answering = await startBridge(a, old)
  const hash = randomHash()
  await announceBlock(client, a, { hash, height: 7 })
  await startBridge(b, { ...old, P2P_STATIC_PEERS: a.multiaddr })
  await eventually(async () => (await handshakes(answering, 'best-block-sent')) > 0, wait)
  await eventually(async () => {
    const blocks = (await client.readAll(b.topics.events)).filter(({ headers }) => headers.type === 'block')
    expect(blocks.map(({ headers }) => headers['peer-id'])).toEqual([a.peerId])
  }, wait)
  const asked = await handshakes(answering, 'best-block-sent')
  expect(asked).toBeLessThan(5) // the answer ends the search
})
