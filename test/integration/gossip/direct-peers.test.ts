import { expect, test } from 'vitest'
import { freePorts } from '../../../deploy/local/processes/free-ports.ts'
import { ephemeralIdentity } from '../../../src/identity/key.ts'
import { eventually } from '../../support/eventually.ts'
import { areConnected, blockTopic, bytes, meshSize, metric, startBareNode, startHost, type TestHost, textsOf } from './start-host.ts'

const ONE_SIDED = 'bridge_gossip_one_sided_peers_total'
const asTeranode = { directPeers: true, scoresNeighbours: true, exchangesAddresses: true }

/** Two hosts that name each other. */
async function startPair(): Promise<[TestHost, TestHost]> {
  const one = await ephemeralIdentity()
  const [port = 0] = await freePorts(1)
  const second = await startHost({ ...asTeranode, staticPeers: [`/ip4/127.0.0.1/tcp/${port}/p2p/${one.peerId}`] })
  const first = await startHost({ ...asTeranode, identity: one, port, staticPeers: [second.address()] })
  return [first, second]
}

test('two hosts that name each other exchange messages outside of the mesh', async () => {
  const [one, two] = await startPair()
  await eventually(() => areConnected(blockTopic, [[one, 1], [two, 1]])) // biome-ignore format: one line reads better
  await one.publish(blockTopic, bytes('to two'), { priority: 'high' })
  await two.publish(blockTopic, bytes('to one'), { priority: 'high' })
  await eventually(() => textsOf(two).includes('to two') && textsOf(one).includes('to one'))
  expect([await meshSize(one, blockTopic), await meshSize(two, blockTopic)]).toEqual([0, 0])
  expect([await metric(one, ONE_SIDED), await metric(two, ONE_SIDED)]).toEqual([0, 0])
})

test('what a direct peer hears is passed on to it and by it at once', async () => {
  const [one, two] = await startPair()
  const left = await startHost({ staticPeers: [one.address()] })
  const right = await startHost({ staticPeers: [two.address()] })
  await eventually(() => areConnected(blockTopic, [[one, 2], [two, 2], [left, 1], [right, 1]])) // biome-ignore format: one line reads better
  await left.publish(blockTopic, bytes('through both'), { priority: 'high' })
  await eventually(() => textsOf(right).includes('through both'))
})

test('a peer that has not named us becomes an ordinary one, which is said: messages flow both ways by the mesh', async () => {
  const peer = await startBareNode()
  const host = await startHost({ ...asTeranode, staticPeers: peer.getMultiaddrs().map(String) })
  await eventually(async () => (await metric(host, ONE_SIDED)) === 1)
  await eventually(async () => (await meshSize(host, blockTopic)) === 1 && peer.services.pubsub.getMeshPeers(blockTopic).length === 1)
  const received: string[] = []
  peer.services.pubsub.addEventListener('message', ({ detail }) => received.push(Buffer.from(detail.data).toString()))
  await host.publish(blockTopic, bytes('to peer'), { priority: 'high' })
  await peer.services.pubsub.publish(blockTopic, bytes('to host'))
  await eventually(() => received.includes('to peer') && textsOf(host).includes('to host'))
  expect(host.lines.filter(({ msg }) => String(msg).includes('has not named this bridge'))).toHaveLength(1)
})
