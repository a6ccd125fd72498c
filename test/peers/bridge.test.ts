import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { freePorts } from '../../deploy/local/processes/free-ports.ts'
import { GOSSIP_TOPICS, type GossipPayload, nthAnnouncement } from '../contract/harness/node-b/announcements.ts'
import { startBridgeProcess } from '../support/bridge/bridge-process.ts'
import { createNodeEnvironment, createNodeTopics, type NodeEnvironment } from '../support/bridge/node-environment.ts'
import { createNodeServices, type NodeServices } from '../support/bridge/node-services.ts'
import { eventually } from '../support/eventually.ts'
import { tailTopic } from '../support/stack/tail-topic.ts'
import { builtKinds, type Peer, startPeer } from './start-peer.ts'

const TOPICS = [GOSSIP_TOPICS.block, GOSSIP_TOPICS.subtree]
const NETWORKS = [{ network: 'an open network', psk: undefined }, { network: 'a private network', psk: 'a1'.repeat(32) }] // biome-ignore format: one line reads better
const ALL = builtKinds.flatMap((kind) => NETWORKS.map((network) => ({ kind, ...network })))
/** Teranode has no private networks, and those of py-libp2p encrypt in another way than all others. */
const CASES = ALL.filter(({ kind, psk }) => (kind !== 'teranode' && kind !== 'python') || psk === undefined)
const WITHIN = { timeoutMs: 30_000, intervalMs: 100 }

/** What a peer received, as text: its announcements name the hash. */
const heardBy = (peer: Peer) => TOPICS.flatMap((topic) => peer.received(topic)).join('\n')

/** One block and one subtree of a live node. */
const announcementsOf = (peerId: string): GossipPayload[] => [nthAnnouncement(0, peerId), nthAnnouncement(2, peerId)]

interface Exchange {
  readonly node: NodeEnvironment
  readonly services: NodeServices
  readonly peer: Peer
  /** Which connection of the two it has to be. */
  readonly connection?: number
}

/** A block and a subtree each way: from Kafka to the peer, then from the peer to Kafka. */
async function exchange({ node, services, peer, connection = 1 }: Exchange): Promise<void> {
  await eventually(() => TOPICS.every((topic) => peer.subscriptions(topic, node.peerId) >= connection), WITHIN)
  const [subtree] = await services.announceSubtrees(node.topic('blockchain-notifications'), 1)
  const block = randomBytes(32).toString('hex')
  await services.produce(node.topic('blockchain-notifications'), {
    key: block,
    value: JSON.stringify({ type: 'Block', hash: block, height: 1 }),
  })
  await eventually(() => expect([subtree, block].filter((hash) => !heardBy(peer).includes(hash ?? ''))).toEqual([]), WITHIN)

  // Only now: a Go peer loses what it publishes before it has us in its mesh. Our GRAFT comes before our messages.
  const foreign = announcementsOf(peer.peerId)
  for (const { topic, data } of foreign) await peer.publish(topic, data)
  await eventually(async () => {
    const [subtrees, blocks] = await Promise.all([tailTopic('subtrees', node.environment), tailTopic('blocks', node.environment)])
    const keys = [...subtrees, ...blocks].map(({ key }) => key)
    expect(foreign.map(({ hash }) => hash).filter((hash) => !keys.includes(hash))).toEqual([])
  }, WITHIN)
}

for (const { kind, network, psk } of CASES) {
  test(`in ${network} a bridge and a ${kind} peer exchange blocks and subtrees, through a restart of either`, async () => {
    const seed = randomBytes(32).toString('hex')
    const secret = psk === undefined ? {} : { psk }
    const [port = 0] = await freePorts(1) // of no outgoing connection, so that it is free between the two
    const first = await startPeer(kind, TOPICS, { seed, port, ...secret })
    const node = await createNodeEnvironment({
      P2P_STATIC_PEERS: first.address,
      ...(psk !== undefined && { P2P_SHARED_KEY: psk }),
    })
    await createNodeTopics(node)
    const services = await createNodeServices()
    const bridge = startBridgeProcess(node.environment)
    await bridge.ready()
    await exchange({ node, services, peer: first })

    await first.kill()
    const second = await startPeer(kind, TOPICS, { seed, port, ...secret })
    await exchange({ node, services, peer: second })

    expect(await bridge.end('SIGTERM')).toMatchObject({ code: 0 })
    const again = startBridgeProcess(node.environment)
    await again.ready()
    await exchange({ node, services, peer: second, connection: 2 })
  })
}
