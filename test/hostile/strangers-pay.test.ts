import { generateKeyPair } from '@libp2p/crypto/keys'
import { multiaddr } from '@multiformats/multiaddr'
import { expect, test } from 'vitest'
import {
  blockTopic,
  bytes,
  metric,
  rejectedTopic,
  startBareNode,
  startHost,
  startStranger,
  type TestHost,
  textsOf,
} from '../integration/gossip/start-host.ts'
import { eventually } from '../support/eventually.ts'
import { onEnd } from '../support/on-end.ts'
import { RawPeer, type RawPeerOptions } from './attacker/raw-peer.ts'

async function rawPeer(host: TestHost, options: RawPeerOptions = {}): Promise<RawPeer> {
  const peer = await RawPeer.create(options)
  onEnd(() => peer.stop())
  await peer.join(host.address(), [blockTopic, rejectedTopic])
  await eventually(() => host.subscribers(blockTopic).includes(peer.peerId))
  return peer
}

const refused = (host: TestHost, reason: string) => metric(host, `bridge_gossip_refused_total{reason="${reason}"}`)

test('a neighbour that sends three messages with forged signatures is cut and kept out, and nobody else is', async () => {
  const host = await startHost()
  const honest = await startStranger(host)
  const attacker = await rawPeer(host)
  await attacker.send({ subscriptions: [], messages: Array.from({ length: 500 }, (_, i) => attacker.forged(blockTopic, bytes(`${i}`))) })
  await eventually(() => !attacker.isConnected)
  // Of the rest of the packet no signature was verified any more.
  expect(await refused(host, 'bad-signature')).toBeLessThanOrEqual(32)
  await attacker.connect(host.address()).catch(() => {})
  await eventually(() => !attacker.isConnected)
  expect(await refused(host, 'kept-out')).toBeGreaterThan(0)
  await honest.services.pubsub.publish(blockTopic, bytes('still heard'))
  await eventually(() => textsOf(host).includes('still heard'))
  expect(host.lines.filter(({ msg }) => String(msg).includes('kept out')).map(({ peerId }) => peerId)).toEqual([attacker.peerId])
})

test('what other implementations pass on is not blamed: no sequence number, slow keys', async () => {
  const host = await startHost()
  const relay = await rawPeer(host)
  const message = await relay.message(blockTopic, bytes('no number'))
  const { seqno: _, ...unnumbered } = message
  for (let count = 0; count < 5; count++) await relay.send({ subscriptions: [], messages: [unnumbered] })
  await relay.publish(blockTopic, bytes('after'))
  await eventually(() => textsOf(host).includes('after'))
  expect(await refused(host, 'no-sequence-number')).toBe(5)
  expect(relay.isConnected).toBe(true)
})

test('signers without an Ed25519 key are heard, but only a few of their messages a second are verified', async () => {
  const host = await startHost()
  const slow = await rawPeer(host, { key: await generateKeyPair('secp256k1') })
  // Signed before the first is sent: the rate counts by the second.
  const messages = await Promise.all(Array.from({ length: 100 }, (_, count) => slow.message(blockTopic, bytes(`slow ${count}`))))
  for (let sent = 0; sent < 100; sent += 20) await slow.send({ subscriptions: [], messages: messages.slice(sent, sent + 20) })
  await eventually(async () => (await refused(host, 'over-rate-slow-key')) > 50)
  await eventually(() => textsOf(host).includes('slow 0'))
  expect(slow.isConnected).toBe(true)
})

test('a burst of a thousand messages of an honest relay is heard, in packets of 24', async () => {
  const host = await startHost()
  const relay = await rawPeer(host)
  for (let sent = 0; sent < 1008; sent += 24) {
    const messages = await Promise.all(Array.from({ length: 24 }, (_, i) => relay.message(blockTopic, bytes(`burst ${sent + i}`))))
    await relay.send({ subscriptions: [], messages })
  }
  await eventually(() => expect(new Set(textsOf(host)).size).toBe(1008), { timeoutMs: 10_000 })
})

test('a flood of one neighbour does not delay the message of another', async () => {
  const host = await startHost({ inboundRate: 200 })
  const flood = await rawPeer(host)
  const honest = await rawPeer(host)
  const many = await Promise.all(Array.from({ length: 900 }, (_, i) => flood.message(blockTopic, bytes(`flood ${i}`))))
  for (let packet = 0; packet < 10; packet++) await flood.send({ subscriptions: [], messages: many.slice(packet * 90, packet * 90 + 90) })
  await honest.publish(blockTopic, bytes('honest'))
  await eventually(() => textsOf(host).includes('honest'))
  await eventually(async () => (await refused(host, 'over-rate')) > 0)
})

test('a packet with too many entries is refused as a whole, and the next one is read', async () => {
  const host = await startHost()
  const peer = await rawPeer(host)
  await peer.send({ subscriptions: Array.from({ length: 1001 }, (_, i) => ({ topic: `t${i}`, subscribe: true })), messages: [] })
  await peer.sendBytes(Buffer.from([0xff, 0xff, 0xff]))
  await peer.publish(blockTopic, bytes('next'))
  await eventually(() => textsOf(host).includes('next'))
  expect([await refused(host, 'too-many-entries'), await refused(host, 'unreadable-rpc')]).toEqual([1, 1])
})

test.each([
  ['no name', ''],
  ['the name of another network', 'bitcoin/mainnet-block'],
  ['a long name', 'x'.repeat(100_000)],
])('messages on a topic with %s are counted and dropped', async (_, topic) => {
  const host = await startHost()
  const peer = await rawPeer(host)
  const messages = await Promise.all([1, 2, 3].map((count) => peer.message(topic, bytes(`${count}`))))
  await peer.send({ subscriptions: [{ topic, subscribe: true }], messages })
  await peer.publish(blockTopic, bytes('next'))
  await eventually(() => textsOf(host).includes('next'))
  expect(await refused(host, 'unknown-topic')).toBe(3)
  expect(textsOf(host)).toEqual(['next'])
})

test('three strangers of one address do not take all of three places: a known peer still comes in', async () => {
  const known = await startBareNode()
  const host = await startHost({ maxConnections: 3, staticPeers: [`/ip4/127.0.0.1/tcp/1/p2p/${known.peerId}`], retryMs: 60_000 })
  for (let count = 0; count < 3; count++) {
    const stranger = await startBareNode()
    await stranger.dial(multiaddr(host.address())).catch(() => {})
  }
  await eventually(async () => (await refused(host, 'no-place')) >= 1)
  expect(host.peers()).toHaveLength(2)
  await known.dial(multiaddr(host.address()))
  await eventually(() => host.peers().some(({ peerId }) => peerId === known.peerId.toString()))
})

test('strangers of one address have a bound', async () => {
  const host = await startHost({ maxConnectionsPerAddress: 2 })
  for (let count = 0; count < 4; count++) {
    const stranger = await startBareNode()
    await stranger.dial(multiaddr(host.address())).catch(() => {})
  }
  await eventually(async () => (await refused(host, 'no-place-for-address')) >= 2)
  expect(host.peers()).toHaveLength(2)
})
