import { RPC } from '@chainsafe/libp2p-gossipsub/message'
import { multiaddr } from '@multiformats/multiaddr'
import { expect, test } from 'vitest'
import { type GossipNode, maxSharedBytes } from '../../../src/gossip/node/node.ts'
import { eventually } from '../../support/eventually.ts'
import { areConnected, blockTopic, bytes, metric, startBareNode, startHost, startStranger, type TestHost, textsOf } from './start-host.ts'

/** What a rust-libp2p peer takes by default: in one RPC, and of that in control messages and subscriptions. */
const RUST_RPC_BYTES = 64 << 10
const RUST_CONTROL_BYTES = 16 << 10

const texts = (from: string, count: number) => Array.from({ length: count }, (_, i) => `${from} ${i}`)
const heardBy = (host: TestHost) => [...new Set(textsOf(host))].sort()

async function publishAll(host: TestHost, all: readonly string[]): Promise<void> {
  for (const text of all) await host.publish(blockTopic, bytes(text), { priority: 'high' })
}

/** The texts that a node receives on the block topic, in order. */
function listen(node: GossipNode): string[] {
  const received: string[] = []
  node.services.pubsub.addEventListener('message', ({ detail }) => received.push(Buffer.from(detail.data).toString()))
  return received
}

test.each([1, 2, 3, 4, 5])('in a chain of three nothing is lost that is published right after the connection (round %i)', async () => {
  const middle = await startHost()
  const first = await startHost({ staticPeers: [middle.address()] })
  await eventually(() => areConnected(blockTopic, [[first, 1], [middle, 1]])) // biome-ignore format: one line reads better
  const last = await startHost({ staticPeers: [middle.address()] })
  // Connected, but neither side has opened its stream yet.
  await eventually(() => middle.peers().length === 2, { intervalMs: 1 })
  const sent = texts('first', 50)
  await publishAll(first, sent)
  await eventually(() => expect(heardBy(last)).toEqual([...sent].sort()))
})

test('a peer that connects is given what was accepted in the last seconds before', async () => {
  const middle = await startHost()
  const first = await startHost({ staticPeers: [middle.address()] })
  await eventually(() => areConnected(blockTopic, [[first, 1], [middle, 1]])) // biome-ignore format: one line reads better
  const sent = texts('before', 20)
  await publishAll(first, sent)
  await eventually(() => heardBy(middle).length === 20)
  const last = await startHost({ staticPeers: [middle.address()] })
  await eventually(() => expect(heardBy(last)).toEqual([...sent].sort()))
})

/** Notes the sizes of each RPC that a node receives. */
function measureRpcs(node: GossipNode): { bytes: number; controlBytes: number }[] {
  const sizes: { bytes: number; controlBytes: number }[] = []
  const router = node.services.pubsub as unknown as { decodeRpc(bytes: Uint8Array): RPC }
  const decode = router.decodeRpc.bind(router)
  router.decodeRpc = (received) => {
    const rpc = decode(received)
    sizes.push({ bytes: received.byteLength, controlBytes: RPC.encode({ ...rpc, messages: [] }).byteLength })
    return rpc
  }
  return sizes
}

test('whatever a peer asks for at once comes in RPCs that every implementation takes', async () => {
  const host = await startHost({ outboundRate: 0 })
  const listener = await startStranger(host)
  for (let i = 0; i < 1000; i++) await host.publish(blockTopic, Buffer.alloc(450, `block ${i} `), { priority: 'high' })
  await listener.stop()
  // The newcomer is offered 1000 ids (48 kB) and asks for their messages (620 kB).
  const newcomer = await startBareNode()
  const sizes = measureRpcs(newcomer)
  const received = listen(newcomer)
  await newcomer.dial(multiaddr(host.address()))
  await eventually(() => new Set(received).size === 1000)
  expect(Math.max(...sizes.map(({ bytes }) => bytes))).toBeLessThanOrEqual(RUST_RPC_BYTES)
  expect(Math.max(...sizes.map(({ controlBytes }) => controlBytes))).toBeLessThanOrEqual(RUST_CONTROL_BYTES)
})

test('a message that some implementations could not take is heard, but not passed on', async () => {
  const middle = await startHost()
  const last = await startHost({ staticPeers: [middle.address()] })
  const stranger = await startStranger(middle)
  await eventually(() => areConnected(blockTopic, [[middle, 2], [last, 1]])) // biome-ignore format: one line reads better
  await stranger.services.pubsub.publish(blockTopic, new Uint8Array(maxSharedBytes + 1))
  await stranger.services.pubsub.publish(blockTopic, new Uint8Array(maxSharedBytes))
  await eventually(() => last.heard.length === 1)
  expect(last.heard[0]?.data.byteLength).toBe(maxSharedBytes)
  expect(middle.heard.map(({ data }) => data.byteLength)).toEqual([maxSharedBytes + 1, maxSharedBytes])
  expect(await metric(middle, `bridge_gossip_received_messages_total{topic="${blockTopic}",outcome="accept-only"}`)).toBe(1)
})

/**
 * The peer closes its half of the stream on which it hears the host, and drops what still comes: so does rust-libp2p after an RPC
 * that is too large for it.
 */
async function giveUpStream(peer: GossipNode, host: TestHost): Promise<void> {
  const router = peer.services.pubsub as unknown as {
    readonly streamsInbound: ReadonlyMap<string, unknown>
    handleReceivedRpc(from: unknown, rpc: RPC): Promise<void>
  }
  const givenUp = router.streamsInbound.get(host.peerId)
  const handle = router.handleReceivedRpc.bind(router)
  router.handleReceivedRpc = async (from, rpc) => {
    if (router.streamsInbound.get(host.peerId) !== givenUp) await handle(from, rpc)
  }
  for (const stream of peer.getConnections().flatMap(({ streams }) => streams)) {
    if (stream.direction === 'inbound' && stream.protocol.startsWith('/meshsub/')) await stream.close()
  }
}

test('a peer that gave up our stream is not counted as a recipient', async () => {
  const host = await startHost({ timings: { streamCheckMs: 600_000 } })
  const peer = await startStranger(host)
  const publish = (text: string) => host.publish(blockTopic, bytes(text), { priority: 'high' })
  expect(await publish('heard')).toBe(1)
  await giveUpStream(peer, host)
  await eventually(async () => (await publish('not heard')) === 0)
  expect(await metric(host, `bridge_gossip_published_messages_total{topic="${blockTopic}",outcome="nobody"}`)).toBe(1)
})

test('a peer that gave up our stream hears us again soon, on the same connection, without a gap', async () => {
  const host = await startHost()
  const peer = await startStranger(host)
  const received = listen(peer)
  const [connection] = peer.getConnections()
  await giveUpStream(peer, host)
  const sent = texts('after', 20)
  await publishAll(host, sent)
  await eventually(() => expect([...new Set(received)].sort()).toEqual([...sent].sort()))
  await eventually(async () => expect(await metric(host, 'bridge_gossip_healed_streams_total')).toBeGreaterThanOrEqual(1))
  expect(peer.getConnections()).toEqual([connection])
})
