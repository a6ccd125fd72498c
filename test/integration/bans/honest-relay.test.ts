import { multiaddr } from '@multiformats/multiaddr'
import { expect, test } from 'vitest'
import { createNode, startBridge } from '../../support/bridge/start-bridge.ts'
import { eventually } from '../../support/eventually.ts'
import { createDatabase } from '../../support/stack/create-database.ts'
import { createTopicClient } from '../../support/stack/topic-client.ts'
import { startBareNode } from '../gossip/start-host.ts'
import { openPostgres } from '../postgres/open-postgres.ts'

const WITHIN = { timeoutMs: 30_000, intervalMs: 300 }
const TOPIC = 'bitcoin/regtest-subtree'
const SOMEBODY = '12D3KooWESmhNAN8s6NPdGNvJH3zJ4wMKDxapXKNUe2DzkAwKYqK'

function subtree(peerId: string, hash: string): Uint8Array {
  return Buffer.from(JSON.stringify({ Hash: hash, DataHubURL: 'http://127.0.0.1/api/v1', PeerID: peerId }))
}

test('the author of invalid content is banned by score with evidence; the neighbour that relays it stays, and is heard', async () => {
  const [node, database, client] = await Promise.all([createNode(), createDatabase(), createTopicClient()])
  const bridge = await startBridge(node, { BANLIST_DB: database, P2P_BAN_THRESHOLD: '60' })
  // Nodes of today pass on everything that is validly signed; so do these two.
  const [relay, author] = [await startBareNode([TOPIC]), await startBareNode([TOPIC])]
  await relay.dial(multiaddr(node.multiaddr))
  await author.dial(relay.getMultiaddrs()[0] ?? multiaddr('/'))
  const [relayId, authorId] = [relay.peerId.toString(), author.peerId.toString()]
  await eventually(() => expect(relay.services.pubsub.getMeshPeers(TOPIC).toSorted()).toEqual([node.peerId, authorId].toSorted()), WITHIN)

  const postgres = openPostgres(database)
  await eventually(async () => {
    await author.services.pubsub.publish(TOPIC, subtree(SOMEBODY, 'ab'.repeat(32))) // signed by the author, in somebody else's name
    expect(await postgres.query('SELECT key FROM gossip_bridge.bans', [])).toEqual([{ key: authorId }])
  }, WITHIN)
  const [change] = await postgres.query<{ evidence: { door: string; points: number; offences: { evidence: object }[] } }>(
    'SELECT evidence FROM gossip_bridge.ban_changes WHERE key = $1',
    [authorId],
  )
  expect(change?.evidence).toMatchObject({ door: 'score', threshold: 60 })
  expect(change?.evidence.points).toBeGreaterThanOrEqual(60)
  const message = { topic: TOPIC, sequenceNumber: expect.stringMatching(/^\d+$/), rule: expect.any(String) }
  expect(change?.evidence.offences[0]).toMatchObject({ reason: 'protocol_violation', points: 20, evidence: message })
  expect(await postgres.query('SELECT DISTINCT peer_id FROM gossip_bridge.offences', [])).toEqual([{ peer_id: authorId }])

  const hash = 'cd'.repeat(32)
  await relay.services.pubsub.publish(TOPIC, subtree(relayId, hash))
  await eventually(async () => {
    expect((await client.readAll(node.topics.subtrees, 2)).map(({ key }) => String(key))).toEqual([hash])
  }, WITHIN)
  const peers = await bridge.registry.getSingleMetric('bridge_gossip_peers')?.get()
  expect(peers?.values.reduce((sum, { value }) => sum + value, 0)).toBe(1)
}, 120_000)
