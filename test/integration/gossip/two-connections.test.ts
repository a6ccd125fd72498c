import { multiaddr } from '@multiformats/multiaddr'
import { expect, test } from 'vitest'
import type { GossipNode } from '../../../src/gossip/node/node.ts'
import { ephemeralIdentity } from '../../../src/identity/key.ts'
import type { Identity } from '../../../src/identity/ports.ts'
import { eventually } from '../../support/eventually.ts'
import { blockTopic, bytes, metric, startBareNode, startHost, type TestHost, textsOf } from './start-host.ts'

const timings = { duplicateGraceMs: 3000 }
const DUPLICATES = 'bridge_gossip_closed_connections_total{reason="duplicate"}'

interface Pair {
  readonly host: TestHost
  readonly peer: GossipNode
  /** How many connections the peer has had with the host, also those that are closed again. */
  opened(): number
}

/** Each dials the other, as if at the same moment. */
async function dialEachOther(isHostFirst: boolean): Promise<Pair> {
  const peer = await startBareNode()
  let count = 0
  peer.addEventListener('connection:open', () => count++)
  const identity = await identityBeside(peer.peerId.toString(), isHostFirst)
  const host = await startHost({ identity, staticPeers: peer.getMultiaddrs().map(String), timings })
  await peer.dial(multiaddr(host.address()), { force: true })
  await eventually(() => peer.services.pubsub.getSubscribers(blockTopic).length === 1 && host.subscribers(blockTopic).length === 1)
  return { host, peer, opened: () => count }
}

/** An identity whose peer id is smaller, or greater. */
async function identityBeside(peerId: string, isSmaller: boolean): Promise<Identity> {
  const identity = await ephemeralIdentity()
  return identity.peerId < peerId === isSmaller ? identity : identityBeside(peerId, isSmaller)
}

/** Messages in both directions, each with its number. */
async function publishBothWays({ host, peer }: Pick<Pair, 'host' | 'peer'>, from: number, count: number): Promise<string[]> {
  const texts = Array.from({ length: count }, (_, index) => `${from + index}`)
  for (const text of texts) {
    await host.publish(blockTopic, bytes(`host ${text}`), { priority: 'high' })
    await peer.services.pubsub.publish(blockTopic, bytes(`peer ${text}`))
  }
  return texts
}

test.each([
  ['smaller', true],
  ['greater', false],
])('of two connections one is closed, and no message is lost, by the side with the %s peer id', async (_which, isHostFirst) => {
  const { host, peer, opened } = await dialEachOther(isHostFirst)
  const received: string[] = []
  peer.services.pubsub.addEventListener('message', ({ detail }) => received.push(Buffer.from(detail.data).toString()))
  await eventually(() => opened() === 2)
  const sent: string[] = []
  await eventually(
    async () => {
      sent.push(...(await publishBothWays({ host, peer }, sent.length, 1)))
      return peer.getConnections().length === 1
    },
    { timeoutMs: 10_000 },
  )
  sent.push(...(await publishBothWays({ host, peer }, sent.length, 5)))
  await eventually(() => {
    expect(sent.map((text) => `host ${text}`).filter((text) => !received.includes(text))).toEqual([])
    expect(sent.map((text) => `peer ${text}`).filter((text) => !textsOf(host).includes(text))).toEqual([])
  })
  expect(await metric(host, DUPLICATES)).toBe(1)
  expect(await metric(host, 'bridge_gossip_healed_streams_total')).toBe(0)
})
