import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { GOSSIP_TOPICS, nthAnnouncement } from '../contract/harness/node-b/announcements.ts'
import { startBridgeProcess } from '../support/bridge/bridge-process.ts'
import { createNodeEnvironment, createNodeTopics, type NodeEnvironment } from '../support/bridge/node-environment.ts'
import { createNodeServices } from '../support/bridge/node-services.ts'
import { eventually } from '../support/eventually.ts'
import { tailTopic } from '../support/stack/tail-topic.ts'
import { builtKinds, type Peer, startPeer } from './start-peer.ts'

/** Only the programs in Go have direct streams. */
const KINDS = builtKinds.filter((kind) => kind === 'go' || kind === 'teranode')
const [HANDSHAKE, BEST_BLOCK] = ['bitcoin/regtest-handshake', 'bitcoin/regtest-bestblock']
const TOPICS = [GOSSIP_TOPICS.block, HANDSHAKE, BEST_BLOCK]
const WITHIN = { timeoutMs: 60_000, intervalMs: 100 }
/** A bridge learns its own best block from its event log, a moment after it has published it; and it acts on a peer every 5 s. */
const AGAIN = { timeoutMs: 90_000, intervalMs: 6000 }
const URL = 'http://node-b.example:8090/api/v1'

/** The objects that a peer was sent on direct streams, in order. */
function objectsAt(peer: Peer, from: string): Record<string, unknown>[] {
  const sent = peer.events('object').filter(({ peerId }) => peerId === from)
  return sent.map(({ data }) => JSON.parse(Buffer.from(data ?? '', 'base64').toString()) as Record<string, unknown>)
}

/** A handshake as older nodes write it. */
const handshake = (type: 'version' | 'verack', peerId: string, best: { hash: string; height: number }) => ({
  ...{ type, peerID: peerId, bestHeight: best.height, bestHash: best.hash, dataHubURL: URL },
  ...{ userAgent: 'teranode/bitcoin/1.0.0', services: 0 },
})

/** A node whose best block is at height 7, and which knows the peer. */
async function startNode(peer: Peer) {
  const node = await createNodeEnvironment({ P2P_STATIC_PEERS: peer.address, P2P_BESTBLOCK_TOPIC: 'bestblock' })
  await createNodeTopics(node)
  const bridge = startBridgeProcess(node.environment)
  await bridge.ready()
  const own = { hash: randomBytes(32).toString('hex'), height: 7 }
  const services = await createNodeServices()
  const value = JSON.stringify({ type: 'Block', hash: own.hash, height: own.height })
  await services.produce(node.topic('blockchain-notifications'), { key: own.hash, value })
  await eventually(() => expect(peer.received(GOSSIP_TOPICS.block).join()).toContain(own.hash), WITHIN)
  return { node, own }
}

/** The keys of the records of a topic that came from a peer. */
async function keysFrom(peer: Peer, topic: string, { environment }: NodeEnvironment): Promise<(string | undefined)[]> {
  return (await tailTopic(topic, environment)).filter(({ headers }) => headers['peer-id'] === peer.peerId).map(({ key }) => key)
}

for (const kind of KINDS) {
  test(`a bridge and a ${kind} peer tell each other their best blocks on direct streams`, async () => {
    const peer = await startPeer(kind, TOPICS)
    const { node, own } = await startNode(peer)
    await eventually(() => expect(objectsAt(peer, node.peerId)).toContainEqual(expect.objectContaining({ type: 'version' })), WITHIN)

    const ahead = { hash: randomBytes(32).toString('hex'), height: 9 }
    const answer = { type: 'verack', peerID: node.peerId, bestHeight: own.height, bestHash: own.hash }
    await eventually(async () => {
      await peer.send(node.peerId, handshake('version', peer.peerId, ahead))
      await eventually(() => objectsAt(peer, node.peerId).some(({ type }) => type === 'verack'))
      expect(objectsAt(peer, node.peerId)).toContainEqual(expect.objectContaining(answer))
    }, AGAIN)
    await eventually(async () => expect(await keysFrom(peer, 'blocks', node)).toEqual([ahead.hash]), WITHIN)

    const block = { Hash: own.hash, Height: own.height, PeerID: node.peerId }
    await eventually(async () => {
      await peer.publish(BEST_BLOCK, Buffer.from(JSON.stringify({ PeerID: peer.peerId })))
      expect(objectsAt(peer, node.peerId)).toContainEqual(expect.objectContaining(block))
    }, AGAIN)
    expect(peer.events('broken')).toEqual([])
  })

  test(`a ${kind} peer answers a bridge that asks for the best block`, async () => {
    const peer = await startPeer(kind, TOPICS)
    const { node } = await startNode(peer)
    await eventually(() => expect(peer.received(BEST_BLOCK).join()).toContain(node.peerId), WITHIN)
    const { hash, data } = nthAnnouncement(2, peer.peerId)
    await peer.send(node.peerId, JSON.parse(Buffer.from(data).toString()))
    await eventually(async () => expect(await keysFrom(peer, 'blocks', node)).toEqual([hash]), WITHIN)
  })
}
