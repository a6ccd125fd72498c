import type { Stream } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { expect, test } from 'vitest'
import { PEER_ADDRESS_PROTOCOL } from '../../../src/gossip/discovery/peer-address-stream.ts'
import type { GossipNode } from '../../../src/gossip/node/node.ts'
import { ephemeralIdentity } from '../../../src/identity/key.ts'
import { eventually } from '../../support/eventually.ts'
import { blockTopic, bytes, metric, startBareNode, startHost, startStranger, type TestHost } from './start-host.ts'

const timings = { askEachMs: 300 }
const received = (outcome: string) => `bridge_gossip_address_requests_total{direction="received",outcome="${outcome}"}`
const sent = (outcome: string) => `bridge_gossip_address_requests_total{direction="sent",outcome="${outcome}"}`

/** Asks as Teranode's message bus does: it reads once, and closes its side only afterwards. */
async function ask(asker: GossipNode, text: string, { closesFirst = false } = {}): Promise<string | undefined> {
  const stream = await asker.getConnections()[0]?.newStream(PEER_ADDRESS_PROTOCOL)
  if (!stream) throw new Error('not connected')
  stream.send(bytes(text))
  const reading = firstChunk(stream)
  if (closesFirst) await stream.close()
  const answer = await reading
  await stream.close()
  return answer
}

async function firstChunk(stream: Stream): Promise<string | undefined> {
  for await (const chunk of stream) return Buffer.from(chunk.subarray()).toString()
  return undefined
}

/** A host that answers, a neighbour of which it knows the address, and an asker. */
async function startThree(options: Parameters<typeof startHost>[0] = {}) {
  const host = await startHost({ exchangesAddresses: true, ...options })
  const neighbour = await startHost({ staticPeers: [host.address()] })
  const asker = await startStranger(host)
  await eventually(() => host.peers().length === 2)
  return { host, neighbour, asker }
}

/** Of the peers that connect to a host, it knows the addresses as soon as identify is done. */
const isTold = async (asker: GossipNode, { peerId }: TestHost) => ((await ask(asker, peerId)) ?? '[]') !== '[]'

test.each([true, false])('tells where a peer is, whether the asker closes its side first (%s) or waits', async (closesFirst) => {
  const { host, neighbour, asker } = await startThree()
  await eventually(() => isTold(asker, neighbour))
  const answer = JSON.parse((await ask(asker, neighbour.peerId, { closesFirst })) ?? '')
  expect(answer).toEqual([neighbour.address().replace(/\/p2p\/.*/, '')])
  expect(JSON.parse((await ask(asker, host.peerId, { closesFirst })) ?? '')).toEqual([host.address().replace(/\/p2p\/.*/, '')])
  expect(await metric(host, received('answered'))).toBeGreaterThan(1)
})

test('a host that tells no addresses does not offer the protocol', async () => {
  const host = await startHost({ exchangesAddresses: true, tellsAddresses: false })
  const asker = await startStranger(host)
  await expect(ask(asker, host.peerId)).rejects.toThrow('could not negotiate')
})

test('an unknown peer, and on a public network one at a private address, is answered by an empty list', async () => {
  const [neighbour, asker] = [await startHost(), await startBareNode()]
  const staticPeers = [neighbour.address(), ...asker.getMultiaddrs().map(String)]
  const host = await startHost({ exchangesAddresses: true, sharePrivateAddresses: false, staticPeers })
  await eventually(() => host.subscribers(blockTopic).length === 2) // identify is done with both
  expect(await ask(asker, (await ephemeralIdentity()).peerId)).toBe('[]')
  expect(await ask(asker, neighbour.peerId)).toBe('[]')
  expect(await metric(host, received('unknown'))).toBe(2)
})

test('streams end by themselves, also those of an asker that never closes its side', async () => {
  const { host, asker } = await startThree({ timings: { askTimeoutMs: 2000 } })
  const [connection] = asker.getConnections()
  for (let index = 0; index < 4; index++) (await connection?.newStream(PEER_ADDRESS_PROTOCOL))?.send(bytes(host.peerId))
  await eventually(async () => (await metric(host, received('answered'))) === 4)
  await eventually(() => connection?.streams.every(({ protocol }) => protocol !== PEER_ADDRESS_PROTOCOL))
  expect(await ask(asker, host.peerId)).toContain('/ip4/')
})

test.each([
  ['no peer id', 'hello'],
  ['a text that is too long', 'x'.repeat(300)],
])('%s is refused, and counted', async (_what, text) => {
  const { host, asker } = await startThree()
  await ask(asker, text, { closesFirst: true }).catch(() => {})
  await eventually(async () => (await metric(host, received('failed'))) === 1)
})

test('a flood of requests is cut to the rate', async () => {
  const { host, asker } = await startThree()
  const { peerId } = await ephemeralIdentity()
  const flood = () => Promise.allSettled(Array.from({ length: 4 }, () => ask(asker, peerId)))
  await eventually(async () => {
    await flood()
    return (await metric(host, received('too-often'))) > 0
  })
  expect(await metric(host, received('unknown'))).toBeGreaterThanOrEqual(50)
})

test('hosts without the exchange do not speak the protocol', async () => {
  const host = await startHost()
  const asker = await startStranger(host)
  await expect(ask(asker, host.peerId)).rejects.toThrow()
})

test('without a DHT, an author that is heard by way of others is asked about and dialled', async () => {
  const hub = await startHost({ exchangesAddresses: true, timings })
  const author = await startHost({ exchangesAddresses: true, staticPeers: [hub.address()], timings })
  const listener = await startHost({ exchangesAddresses: true, staticPeers: [hub.address()], isTrusting: true, timings })
  await eventually(() => hub.subscribers(blockTopic).length === 2)
  listener.authors.heard(author.peerId)
  await eventually(() => listener.peers().some(({ peerId }) => peerId === author.peerId), { timeoutMs: 15_000 })
  expect(await metric(listener, sent('answered'))).toBeGreaterThanOrEqual(1)
})

test('what a neighbour tells is dialled under the rules for found peers: no loopback address on a public network', async () => {
  const liar = await startBareNode()
  await liar.handle(PEER_ADDRESS_PROTOCOL, async (stream) => {
    stream.send(bytes('["/ip4/127.0.0.1/tcp/1","/ip4/10.0.0.1/tcp/1","nonsense",7]'))
    await stream.close()
  })
  const listener = await startHost({ exchangesAddresses: true, timings })
  await liar.dial(multiaddr(listener.address()))
  listener.authors.heard((await ephemeralIdentity()).peerId)
  await eventually(async () => (await metric(listener, 'bridge_gossip_found_peers_total{outcome="private-address"}')) >= 1)
  expect(await metric(listener, 'bridge_gossip_dials_total{kind="found",outcome="failed"}')).toBe(0)
})

test.each([
  ['no JSON', '{'],
  ['no list', '"text"'],
  ['too long', `["${'/ip4/8.8.8.8'.repeat(400)}"]`],
])('an answer that is %s is counted', async (_what, text) => {
  const odd = await startBareNode()
  await odd.handle(PEER_ADDRESS_PROTOCOL, async (stream) => {
    stream.send(bytes(text))
    await stream.close()
  })
  const listener = await startHost({ exchangesAddresses: true, timings })
  await odd.dial(multiaddr(listener.address()))
  listener.authors.heard((await ephemeralIdentity()).peerId)
  await eventually(async () => (await metric(listener, sent('failed'))) >= 1)
})
