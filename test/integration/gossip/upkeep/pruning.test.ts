import { type Connection, stop } from '@libp2p/interface'
import { pino } from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import type { GossipNode } from '../../../../src/gossip/node/node.ts'
import { tagKnownPeers } from '../../../../src/gossip/upkeep/known-tags.ts'
import { createKnownPeers } from '../../../../src/peers/known-peers.ts'
import { BLOCK_1_HASH, BLOCK_1_HEADER } from '../../../fixtures/announcements.ts'
import { eventually } from '../../../support/eventually.ts'
import { blockTopic, rejectedTopic, startBareNode } from '../start-host.ts'

/** What libp2p's own pruner chose to close, once for each connection above the bound. */
type Pruned = readonly string[]

/** A node at whose bound of connections libp2p prunes, and whose known peers are tagged. */
async function startHub(maxConnections: number) {
  const hub = await startBareNode([blockTopic, rejectedTopic], { maxConnections })
  const known = createKnownPeers()
  onTestFinished(tagKnownPeers({ peerStore: hub.peerStore, known, log: pino({ level: 'silent' }) }))
  const pruned: Pruned[] = []
  hub.addEventListener('connection:prune', ({ detail }: CustomEvent<Connection[]>) => {
    pruned.push(detail.map(({ remotePeer }) => remotePeer.toString()))
  })
  const connected = () => hub.getConnections().map(({ remotePeer }) => remotePeer.toString())
  return { hub, known, pruned, connected }
}

/** A stranger in the mesh of each topic. */
async function startStrangerInMeshes(hub: GossipNode): Promise<string> {
  const stranger = await startBareNode()
  const peerId = stranger.peerId.toString()
  await stranger.dial(hub.getMultiaddrs())
  await eventually(() => [blockTopic, rejectedTopic].every((topic) => hub.services.pubsub.getMeshPeers(topic).includes(peerId)))
  return peerId
}

/** A peer without gossip streams, as each peer is in the first moment of its connection: only such connections does libp2p close. */
async function startQuietPeer(): Promise<GossipNode> {
  const peer = await startBareNode([])
  await stop(peer.services.pubsub)
  return peer
}

test('a known peer that was dialled is not pruned in favour of strangers in the meshes', async () => {
  const { hub, known, pruned, connected } = await startHub(2)
  const strangers = [await startStrangerInMeshes(hub), await startStrangerInMeshes(hub)]
  const bootstrap = await startQuietPeer()
  known.list(bootstrap.peerId.toString())
  await hub.dial(bootstrap.getMultiaddrs())
  await eventually(() => pruned.length > 0)
  expect(strangers).toEqual(expect.arrayContaining([...(pruned[0] ?? [])]))
  expect(connected()).toContain(bootstrap.peerId.toString())
})

test.each(['of the settings', 'useful'])(
  'a known peer (%s) that dialled us is not pruned in favour of a stranger in the meshes',
  async (why) => {
    const { hub, known, pruned, connected } = await startHub(2)
    const stranger = await startStrangerInMeshes(hub)
    const [caller, called] = [await startQuietPeer(), await startQuietPeer()]
    const block = { hash: BLOCK_1_HASH, height: 1, header: BLOCK_1_HEADER, dataHubUrl: '' }
    for (const peerId of [`${caller.peerId}`, `${called.peerId}`]) {
      if (why === 'useful') known.announced({ type: 'block', block }, peerId)
      else known.list(peerId)
    }
    await caller.dial(hub.getMultiaddrs())
    await eventually(() => connected().includes(caller.peerId.toString()))
    await hub.dial(called.getMultiaddrs())
    await eventually(() => pruned.length > 0)
    expect(pruned[0]).toEqual([stranger])
    expect(connected()).toEqual(expect.arrayContaining([caller.peerId.toString(), called.peerId.toString()]))
  },
)

test('a stranger without gossip makes room for a known peer', async () => {
  const { hub, known, pruned, connected } = await startHub(2)
  await startStrangerInMeshes(hub)
  const [idle, bootstrap] = [await startQuietPeer(), await startQuietPeer()]
  known.list(bootstrap.peerId.toString())
  await idle.dial(hub.getMultiaddrs())
  await eventually(() => connected().includes(idle.peerId.toString()))
  await hub.dial(bootstrap.getMultiaddrs())
  await eventually(() => !connected().includes(idle.peerId.toString()))
  expect(pruned[0]).toEqual([idle.peerId.toString()])
  expect(connected()).toContain(bootstrap.peerId.toString())
})
