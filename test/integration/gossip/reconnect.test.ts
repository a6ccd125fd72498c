import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { multiaddr } from '@multiformats/multiaddr'
import { expect, test } from 'vitest'
import { freePorts } from '../../../deploy/local/processes/free-ports.ts'
import { ephemeralIdentity } from '../../../src/identity/key.ts'
import { eventually } from '../../support/eventually.ts'
import { onEnd } from '../../support/on-end.ts'
import { areConnected, blockTopic, bytes, metric, startBareNode, startHost, startStranger, textsOf } from './start-host.ts'

test.each(['staticPeers', 'bootstrapPeers'] as const)('%s are connected again after their restart', async (setting) => {
  const identity = await ephemeralIdentity()
  const [port = 0] = await freePorts(1)
  const before = await startHost({ identity, port })
  const host = await startHost({ [setting]: [before.address()] })
  await eventually(() => areConnected(blockTopic, [[before, 1], [host, 1]])) // biome-ignore format: one line reads better

  await before.stop()
  await eventually(() => host.peers().length === 0)
  const kind = setting === 'staticPeers' ? 'static' : 'bootstrap'
  await eventually(async () => (await metric(host, `bridge_gossip_dials_total{kind="${kind}",outcome="failed"}`)) >= 2)

  const after = await startHost({ identity, port })
  await eventually(() => areConnected(blockTopic, [[after, 1], [host, 1]])) // biome-ignore format: one line reads better
  await after.publish(blockTopic, bytes('back'), { priority: 'high' })
  await eventually(() => textsOf(host).includes('back'))
})

test('a static peer that is away at the start is found when it comes', async () => {
  const identity = await ephemeralIdentity()
  const [port = 0] = await freePorts(1)
  const host = await startHost({ staticPeers: [`/ip4/127.0.0.1/tcp/${port}/p2p/${identity.peerId}`] })
  await eventually(async () => (await metric(host, 'bridge_gossip_dials_total{kind="static",outcome="failed"}')) >= 2)
  expect(host.lines.filter(({ level, msg }) => level === 40 && String(msg).startsWith('cannot connect'))).toHaveLength(1)
  const back = await startHost({ identity, port })
  await eventually(() => areConnected(blockTopic, [[host, 1], [back, 1]])) // biome-ignore format: one line reads better
})

test.each(['inbound', 'outbound'] as const)(
  'a lost gossip stream is mended while the connection lives (%s at the peer)',
  async (direction) => {
    const peer = await startBareNode()
    const host = await startHost({ staticPeers: peer.getMultiaddrs().map(String) })
    await eventually(() => host.subscribers(blockTopic).length === 1 && peer.services.pubsub.getSubscribers(blockTopic).length === 1)
    for (const stream of peer.getConnections().flatMap(({ streams }) => streams)) {
      if (stream.direction === direction && stream.protocol.startsWith('/meshsub/')) stream.abort(new Error('lost on purpose'))
    }
    await eventually(async () => (await metric(host, 'bridge_gossip_healed_streams_total')) >= 1, { timeoutMs: 10_000 })
    await eventually(async () => {
      await host.publish(blockTopic, bytes('to peer'), { priority: 'high' })
      await peer.services.pubsub.publish(blockTopic, bytes('to host'))
      return textsOf(host).includes('to host') && peer.services.pubsub.getSubscribers(blockTopic).length > 0
    })
    const received: string[] = []
    peer.services.pubsub.addEventListener('message', ({ detail }) => received.push(Buffer.from(detail.data).toString()))
    await eventually(async () => {
      await host.publish(blockTopic, bytes('mended'), { priority: 'high' })
      return received.includes('mended')
    })
  },
)

test('an address that never answers, or a name that nobody resolves, does not keep a static peer from its other addresses', async () => {
  const peer = await startHost()
  const silent = createServer((socket) => void socket.on('error', () => {}).resume()).listen(0, '127.0.0.1') // as a frozen process, or a host that drops all packets
  onEnd(() => void silent.close())
  await once(silent, 'listening')
  const { port } = silent.address() as AddressInfo
  const bad = [`/ip4/127.0.0.1/tcp/${port}/p2p/${peer.peerId}`, `/dns4/nobody.invalid/tcp/1/p2p/${peer.peerId}`]
  const host = await startHost({ staticPeers: [...bad, peer.address()], timings: { dialTimeoutMs: 1000 } })
  await eventually(() => areConnected(blockTopic, [[host, 1], [peer, 1]]), { timeoutMs: 10_000 }) // biome-ignore format: one line reads better
})

test('another peer at the address of a static peer is told apart from one that is away', async () => {
  const other = await startHost()
  const { peerId } = await ephemeralIdentity()
  const host = await startHost({ staticPeers: [other.address().replace(other.peerId, peerId)] })
  await eventually(async () => (await metric(host, 'bridge_gossip_dial_failures_total{kind="static",failure="wrong-peer"}')) >= 2)
  expect(host.peers()).toEqual([])
})

test('a stranger that resets a stream is not dialled at the addresses that it announced of itself', async () => {
  const host = await startHost()
  const stranger = await startStranger(host)
  const inbound: unknown[] = []
  stranger.addEventListener('connection:open', ({ detail }) => {
    if (detail.direction === 'inbound') inbound.push(detail)
  })
  for (const stream of stranger.getConnections().flatMap(({ streams }) => streams)) {
    // Only the peer itself can open this one again, so the host closes the connection.
    if (stream.direction === 'outbound' && stream.protocol.startsWith('/meshsub/')) stream.abort(new Error('reset on purpose'))
  }
  await eventually(async () => (await metric(host, 'bridge_gossip_healed_streams_total')) >= 1, { timeoutMs: 10_000 })
  await eventually(() => host.peers().length === 0 && stranger.getConnections().length === 0)
  await stranger.dial(multiaddr(host.address()))
  await eventually(() => host.subscribers(blockTopic).length === 1)
  expect(inbound).toEqual([])
})

test('peers that come, change their subscriptions and go are told', async () => {
  let changes = 0
  const host = await startHost({ onPeersChanged: () => changes++ })
  const peer = await startStranger(host)
  expect(changes).toBeGreaterThan(0)
  const afterConnect = changes
  peer.services.pubsub.unsubscribe(blockTopic)
  await eventually(() => changes > afterConnect && host.subscribers(blockTopic).length === 0)
  const afterUnsubscribe = changes
  await peer.stop()
  await eventually(() => changes > afterUnsubscribe && host.peers().length === 0)
})
