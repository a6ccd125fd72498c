import { expect, test } from 'vitest'
import { createNode } from '../../../../../src/gossip/node/node.ts'
import { boundCaches } from '../../../../../src/gossip/router/guard/bound-caches.ts'
import { ephemeralIdentity } from '../../../../../src/identity/key.ts'

const TOPIC = 'bitcoin/regtest-block'
const BOUNDS = { maxSeen: 10, maxKeptBytes: 1000, maxScores: 5, maxBackOffMs: 60_000, maxBackOffs: 5 }

/** The router of a node that was never started, with all its own caches. */
async function createRouter() {
  const node = await createNode(
    {
      identity: await ephemeralIdentity(),
      topics: [TOPIC],
      listen: [],
      announce: [],
      maxConnections: 10,
      maxConnectionsPerSecondAndAddress: 10,
      userAgent: 'test',
    },
    { connectionGater: {} },
  )
  boundCaches(node.services.pubsub, BOUNDS)
  return node.services.pubsub
}

const names = (count: number) => Array.from({ length: count }, (_, index) => `peer ${index}`)

test('of more message ids than the bound the latest ones are known', async () => {
  const { seenCache } = await createRouter()
  for (const id of names(30)) expect(seenCache.put(id, id)).toBe(false)
  expect(seenCache.put('peer 29', 'peer 29')).toBe(true)
  expect([...seenCache.entries.keys()]).toEqual(names(30).slice(20))
})

test('kept messages have a bound in bytes, which is free again after some heartbeats', async () => {
  const { mcache } = await createRouter()
  const put = (name: string) => mcache.put({ msgId: Buffer.from(name), msgIdStr: name }, { topic: TOPIC, data: new Uint8Array(300) }, true)
  expect(['a', 'b', 'c', 'd'].map(put)).toEqual([true, true, true, false])
  expect(mcache.getGossipIDs(new Set([TOPIC])).get(TOPIC)).toHaveLength(3)
  for (const _ of mcache.history) mcache.shift()
  expect(['e', 'f', 'g', 'h'].map(put)).toEqual([true, true, true, false])
})

test('scores of peers that left are kept up to a bound, and of connected peers all', async () => {
  const { score } = await createRouter()
  for (const peer of names(20)) score.addPeer(peer)
  for (const peer of names(20).slice(0, 15)) score.removePeer(peer)
  expect([...score.peerStats.keys()]).toEqual(names(20).slice(10))
})

test('a peer that comes again keeps its score', async () => {
  const { score } = await createRouter()
  score.addPeer('a')
  Object.assign(score.peerStats.get('a') ?? {}, { behaviourPenalty: 7 })
  score.removePeer('a')
  score.addPeer('a')
  expect(score.peerStats.get('a')).toMatchObject({ behaviourPenalty: 7, connected: true })
})

test('nobody can ask to be left out of a mesh for longer than the bound, and the list of those who ask is bounded', async () => {
  const router = await createRouter()
  const now = Date.now()
  for (const peer of names(20)) router.doAddBackoff(peer, TOPIC, 2 ** 50)
  const peers = router.backoff.get(TOPIC)
  expect([...(peers?.keys() ?? [])]).toEqual(names(20).slice(15))
  expect(Math.max(...(peers?.values() ?? []))).toBeLessThan(now + 61_000)
})
