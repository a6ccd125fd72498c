import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { createNode, startBridge, type TestNode } from '../support/start-bridge.ts'
import { createTopicClient, type TopicClient } from '../support/topic-client.ts'

const randomHash = () => randomBytes(32).toString('hex')

async function produceSubtree({ codec, producer }: TopicClient, node: TestNode, hash: string): Promise<void> {
  const empty = { height: null, header: null, previousHash: null, miner: null, sizeInBytes: null, txCount: null }
  const value = codec.encode('notifications', { type: 'Subtree', hash, ...empty })
  await producer.send(node.topics.notifications, { key: hash, value, headers: {} })
}

async function twoNodes(): Promise<{ a: TestNode; b: TestNode; client: TopicClient }> {
  const [a, b, client] = await Promise.all([createNode(), createNode(), createTopicClient()])
  return { a, b, client }
}

test('a notification of one node reaches the other node’s log and validation topic', async () => {
  const { a, b, client } = await twoNodes()
  await startBridge(a)
  await startBridge(b, { P2P_STATIC_PEERS: a.multiaddr })
  const hash = randomHash()
  await produceSubtree(client, a, hash)

  const [announcement] = await eventually(
    async () => {
      const records = await client.readAll(b.topics.subtrees, 2)
      return records.length > 0 ? records : undefined
    },
    { timeoutMs: 20_000 },
  )
  expect(announcement?.key?.toString()).toBe(hash)
  expect(announcement?.headers).toMatchObject({ type: 'subtree', network: 'regtest', 'bridge-id': b.name, 'peer-id': a.peerId })
  const { value = null } = announcement ?? {}
  expect(client.codec.decode('subtrees', value)).toMatchObject({ hash, url: `http://${a.name}.example:8090/api/v1`, peerId: a.peerId })

  const own = (await client.readAll(a.topics.events)).filter(({ headers }) => headers.type === 'subtree')
  const foreign = (await client.readAll(b.topics.events)).filter(({ headers }) => headers.type === 'subtree')
  expect([own.length, foreign.length]).toEqual([1, 1])
  expect(await client.readAll(a.topics.subtrees, 2)).toEqual([])
})
