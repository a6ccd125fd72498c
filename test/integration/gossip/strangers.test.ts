import type { PeerId } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { expect, test } from 'vitest'
import { maxMessageBytes } from '../../../src/gossip/node/node.ts'
import { ephemeralIdentity } from '../../../src/identity/key.ts'
import { eventually } from '../../support/eventually.ts'
import { areConnected, blockTopic, bytes, metric, startHost, startStranger, textsOf } from './start-host.ts'

test("a stranger's message of 1.1 MiB is not passed on and harms nobody else", async () => {
  const middle = await startHost()
  const left = await startHost({ staticPeers: [middle.address()] })
  const right = await startHost({ staticPeers: [middle.address()] })
  const identity = await ephemeralIdentity()
  const stranger = await startStranger(middle, [blockTopic], identity)
  await eventually(() => areConnected(blockTopic, [[middle, 3], [left, 1], [right, 1]])) // biome-ignore format: one line reads better

  await stranger.services.pubsub.publish(blockTopic, new Uint8Array(1.1 * 2 ** 20))
  await eventually(() => !middle.subscribers(blockTopic).includes(stranger.peerId.toString()))
  await left.publish(blockTopic, bytes('to right'), { priority: 'high' })
  await right.publish(blockTopic, bytes('to left'), { priority: 'high' })
  await eventually(() => textsOf(right).includes('to right') && textsOf(left).includes('to left'))

  expect(middle.heard.map(({ data }) => data.length)).toEqual([8, 7])
  expect(left.heard).toHaveLength(1)
  expect(right.heard).toHaveLength(1)
  // Its connection is closed, and it is let in again when it comes. As a new process: the router of this one would offer the message
  // again for three heartbeats, be asked for it, and so lose the new connection too.
  await eventually(() => middle.peers().every(({ peerId }) => peerId !== identity.peerId), { timeoutMs: 10_000 })
  await stranger.stop()
  await startStranger(middle, [blockTopic], identity)
})

test('a message that fits into an RPC but leaves no room for more is not passed on either', async () => {
  const middle = await startHost()
  const right = await startHost({ staticPeers: [middle.address()] })
  const stranger = await startStranger(middle)
  await eventually(() => areConnected(blockTopic, [[middle, 2], [right, 1]])) // biome-ignore format: one line reads better
  await stranger.services.pubsub.publish(blockTopic, new Uint8Array(maxMessageBytes + 1))
  await eventually(
    async () => (await metric(middle, `bridge_gossip_received_messages_total{topic="${blockTopic}",outcome="too-large"}`)) === 1,
  )
  await stranger.services.pubsub.publish(blockTopic, bytes('small'))
  await eventually(() => textsOf(right).includes('small'))
  expect(right.heard).toHaveLength(1)
})

test('a message that says it is from somebody else is neither judged nor passed on', async () => {
  const host = await startHost()
  const stranger = await startStranger(host)
  const other = await startHost()
  const router = stranger.services.pubsub as unknown as { publishConfig: { author: PeerId } }
  const { publishConfig } = router
  router.publishConfig = { ...publishConfig, author: peerIdFromString(other.peerId) }
  expect((await stranger.services.pubsub.publish(blockTopic, bytes('forged'))).recipients).toHaveLength(1)
  router.publishConfig = publishConfig
  await stranger.services.pubsub.publish(blockTopic, bytes('true'))
  await eventually(() => textsOf(host).includes('true'))
  expect(textsOf(host)).toEqual(['true'])
})

test('one peer cannot take many connections', async () => {
  const host = await startHost({ maxConnectionsPerPeer: 2 })
  const stranger = await startStranger(host)
  const closed: string[] = []
  stranger.addEventListener('connection:close', ({ detail }) => closed.push(detail.id))
  for (let i = 0; i < 4; i++) await stranger.dial(multiaddr(host.address()), { force: true }).catch(() => {})
  await eventually(() => closed.length >= 3)
  expect(host.peers()).toHaveLength(1)
  await stranger.services.pubsub.publish(blockTopic, bytes('x'))
})

test('a peer that no longer answers pings is dropped, one that does not know them stays', async () => {
  const host = await startHost({ timings: { pingIntervalMs: 100, pingTimeoutMs: 2000 } })
  const silent = await startStranger(host)
  const simple = await startStranger(host)
  await simple.unhandle('/ipfs/ping/1.0.0')
  await silent.unhandle('/ipfs/ping/1.0.0')
  await silent.handle('/ipfs/ping/1.0.0', () => {})
  await eventually(() => host.peers().length === 1)
  expect(host.peers()[0]?.peerId).toBe(simple.peerId.toString())
  expect(await metric(host, 'bridge_gossip_unanswered_connections_total')).toBe(1)
})
