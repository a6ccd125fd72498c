import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { createNode, startBridge, type TestBridge, type TestNode } from '../../support/bridge/start-bridge.ts'
import { eventually } from '../../support/eventually.ts'
import { createDatabase } from '../../support/stack/create-database.ts'
import { createTopicClient, type TopicClient } from '../../support/stack/topic-client.ts'
import { openPostgres } from '../postgres/open-postgres.ts'

const WITHIN = { timeoutMs: 20_000 }
const randomHash = () => randomBytes(32).toString('hex')

async function outcomes({ registry }: TestBridge): Promise<Record<string, number>> {
  const { values = [] } = (await registry.getSingleMetric('bridge_score_offences_total')?.get()) ?? {}
  return Object.fromEntries(values.map(({ labels, value }) => [(labels as { outcome: string }).outcome, value]))
}

async function announce({ producer, codec }: TopicClient, node: TestNode, hash: string): Promise<void> {
  const rest = { height: null, header: null, previousHash: null, miner: null, sizeInBytes: null, txCount: null }
  const value = codec.encode('notifications', { type: 'Subtree', hash, ...rest })
  await producer.send(node.topics.notifications, { key: hash, value, headers: {} })
}

async function judge({ producer, codec }: TopicClient, node: TestNode, hash: string, reason: string): Promise<void> {
  const value = codec.encode('invalidSubtrees', { subtreeHash: hash, peerUrl: null, reason })
  await producer.send(node.topics.invalidSubtrees, { key: hash, value, headers: {} })
}

/** Subtrees of one node, as they arrive in another one's event log. */
async function announceTo(client: TopicClient, from: TestNode, to: TestNode, count: number): Promise<string[]> {
  const hashes = Array.from({ length: count }, randomHash)
  for (const hash of hashes) await announce(client, from, hash)
  await eventually(async () => {
    const keys = (await client.readAll(to.topics.subtrees, 2)).map(({ key }) => String(key))
    expect(hashes.filter((hash) => !keys.includes(hash))).toEqual([])
  }, WITHIN)
  return hashes
}

test('a node whose subtrees are found invalid is banned by score with evidence, each offence once, and its neighbours are not', async () => {
  const [bad, good, judging, client] = await Promise.all([createNode(), createNode(), createNode(), createTopicClient()])
  const database = await createDatabase()
  const settings = { BANLIST_DB: database, P2P_BAN_THRESHOLD: '30' }
  const bridge = await startBridge(judging, settings)
  await startBridge(bad, { P2P_STATIC_PEERS: judging.multiaddr })
  await startBridge(good, { P2P_STATIC_PEERS: judging.multiaddr })
  const [first = '', second = '', third = ''] = await announceTo(client, bad, judging, 3)
  const [innocent = ''] = await announceTo(client, good, judging, 1)

  await judge(client, judging, first, 'malformed_transaction_data')
  await judge(client, judging, first, 'malformed_transaction_data')
  // Verdicts on different subtrees may be in different partitions, which nobody reads in order.
  await eventually(async () => expect(await outcomes(bridge)).toMatchObject({ charged: 1, repeated: 1 }), WITHIN)
  await judge(client, judging, innocent, 'peer_cannot_provide_subtree')
  await judge(client, judging, second, 'contains_invalid_transaction')
  await eventually(async () => expect(await outcomes(bridge)).toMatchObject({ charged: 2, repeated: 1 }), WITHIN)
  const postgres = openPostgres(database)
  expect(await postgres.query('SELECT key FROM gossip_bridge.bans', [])).toEqual([])

  await judge(client, judging, third, 'transaction_count_mismatch')
  await eventually(async () => expect(await outcomes(bridge)).toMatchObject({ banned: 1 }), WITHIN)
  const rows = await postgres.query<{
    key: string
    reason: string
    evidence: { door: string; offences: { evidence: { hash: string } }[] }
  }>(
    'SELECT bans.key, bans.reason, changes.evidence FROM gossip_bridge.bans JOIN gossip_bridge.ban_changes AS changes ON changes.source = bans.cause',
    [],
  )
  expect(rows).toMatchObject([{ key: bad.peerId, reason: 'score 30 of 30: invalid_subtree', evidence: { door: 'score', points: 30 } }])
  expect(rows[0]?.evidence.offences.map(({ evidence }) => evidence.hash)).toEqual([third, second, first])
  await eventually(async () => {
    const peers = await bridge.registry.getSingleMetric('bridge_gossip_peers')?.get()
    expect(peers?.values[0]?.value).toBe(1)
  }, WITHIN)
})
