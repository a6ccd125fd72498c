import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { nthAnnouncement } from '../contract/harness/node-b/announcements.ts'
import { startBridgeProcess } from '../support/bridge/bridge-process.ts'
import { createNodeEnvironment, createNodeTopics, type NodeEnvironment } from '../support/bridge/node-environment.ts'
import { createNodeServices } from '../support/bridge/node-services.ts'
import { eventually } from '../support/eventually.ts'
import { tailTopic } from '../support/stack/tail-topic.ts'
import { builtKinds, type Peer, type PeerOptions, startPeer } from './start-peer.ts'

const topic = (name: string) => `teranode/bitcoin/1.0.0/regtest-${name}`
const TOPICS = ['block', 'subtree', 'rejected_tx', 'node_status'].map(topic)
const WITHIN = { timeoutMs: 30_000, intervalMs: 100 }
/** Only the programs in Go have a message bus. */
const KINDS = builtKinds.filter((kind) => kind === 'go' || kind === 'teranode')
const URL = 'http://node-b.example:8090/api/v1'

/** The keys that every message has, in Teranode's order. */
const KEYS: Readonly<Record<string, string>> = {
  block: 'PeerID ClientName DataHubURL Hash Height Header Coinbase',
  subtree: 'PeerID ClientName DataHubURL Hash',
  rejected_tx: 'PeerID ClientName TxID Reason',
  node_status:
    'peer_id client_name type base_url version commit_hash best_block_hash best_height fsm_state start_time uptime miner_name listen_mode chain_work',
}
/** Left out when they have no value. */
const OPTIONAL = /^(propagation_url|tx_count|subtree_count|sync_\w+|min_mining_tx_fee|fee_policy|connected_peers_count|storage)$/

const busPeer = (kind: (typeof KINDS)[number], options: PeerOptions = {}) => startPeer(kind, TOPICS, { bus: 'go-node', ...options })

function heardBy(peer: Peer, name: string, signer: string) {
  const events = peer.events('heard').filter((event) => event.topic === topic(name) && event.signer === signer)
  return events.map(({ name: client, keys, message }) => ({ client, keys, message: JSON.parse(message ?? '') as Record<string, unknown> }))
}

async function startNode(overrides: Record<string, string>) {
  const node = await createNodeEnvironment({ GOSSIP_DIALECT: 'envelope', ...overrides })
  await createNodeTopics(node)
  const bridge = startBridgeProcess(node.environment)
  await bridge.ready()
  return { node, bridge, services: await createNodeServices() }
}

/** What the own node announces arrives at the peer by Teranode's structures, in Teranode's order of keys. */
async function expectHeardByPeer({ node, services }: Awaited<ReturnType<typeof startNode>>, peer: Peer): Promise<void> {
  const notifications = node.topic('blockchain-notifications')
  const [subtree] = await services.announceSubtrees(notifications, 1)
  const [transaction] = await services.rejectTransactions(node.topic('rejectedtx'), 1)
  const block = randomBytes(32).toString('hex')
  await services.produce(notifications, { key: block, value: JSON.stringify({ type: 'Block', hash: block, height: 1 }) })
  const expected: Record<string, object> = {
    block: { PeerID: node.peerId, Hash: block, Height: 1, DataHubURL: node.environment.ASSET_HTTPPUBLICADDRESS },
    subtree: { PeerID: node.peerId, Hash: subtree, DataHubURL: node.environment.ASSET_HTTPPUBLICADDRESS },
    rejected_tx: { PeerID: node.peerId, TxID: transaction },
    node_status: { peer_id: node.peerId, type: 'node_status', best_block_hash: block, best_height: 1 },
  }
  for (const [name, fields] of Object.entries(expected)) {
    const found = await eventually(() => {
      const heard = heardBy(peer, name, node.peerId)
      expect(heard.map(({ message }) => message)).toContainEqual(expect.objectContaining(fields))
      return heard
    }, WITHIN)
    for (const { client, keys } of found) {
      expect(
        keys
          ?.split(' ')
          .filter((key) => !OPTIONAL.test(key))
          .join(' '),
      ).toBe(KEYS[name])
      expect(client).not.toBe('')
    }
  }
  expect(peer.events('malformed')).toEqual([])
}

/** What the peer announces stands in the event log, and blocks and subtrees in the topics for validation. */
async function expectHeardByBridge(node: NodeEnvironment, peer: Peer): Promise<void> {
  const PeerID = peer.peerId
  const [block, subtree, rejected] = [nthAnnouncement(2, PeerID), nthAnnouncement(0, PeerID), nthAnnouncement(9, PeerID)]
  const announce = (name: string, message: object) => peer.run({ do: 'announce', topic: topic(name), message })
  const fields = (payload: { data: Uint8Array }) => JSON.parse(Buffer.from(payload.data).toString()) as object
  await announce('block', fields(block))
  await announce('subtree', fields(subtree))
  await announce('rejected_tx', fields(rejected))
  await announce('node_status', {
    peer_id: PeerID,
    client_name: 'go-node',
    type: 'node_status',
    base_url: URL,
    fsm_state: 'RUNNING',
    listen_mode: 'full',
    best_block_hash: block.hash,
    best_height: 3,
    start_time: 1,
    uptime: 1.5,
  })
  await eventually(async () => {
    const events = await tailTopic('p2p-events', node.environment)
    const types = events.filter(({ headers }) => headers['peer-id'] === PeerID).map(({ headers }) => headers.type)
    expect(types).toEqual(expect.arrayContaining(['block', 'subtree', 'rejected-tx', 'node-status']))
    const records = (await Promise.all(['blocks', 'subtrees'].map((name) => tailTopic(name, node.environment)))).flat()
    expect(records.map(({ key }) => key)).toEqual(expect.arrayContaining([block.hash, subtree.hash]))
  }, WITHIN)
}

test.each(KINDS)('a bridge and a %s node of the message bus exchange all messages both ways', async (kind) => {
  const peer = await busPeer(kind)
  const started = await startNode({ P2P_STATIC_PEERS: peer.address })
  await eventually(() => TOPICS.every((name) => peer.subscriptions(name, started.node.peerId) > 0), WITHIN)
  await expectHeardByPeer(started, peer)
  // It has not named us, so it puts us into its mesh at its next heartbeat: before that, a Go peer loses what it publishes.
  await eventually(async () => (await started.bridge.metric('bridge_gossip_one_sided_peers_total')) >= 1, WITHIN)
  await expectHeardByBridge(started.node, peer)
})

test.each(KINDS)('a bridge and a %s node that name each other are direct peers, and exchange all the same', async (kind) => {
  const node = await createNodeEnvironment({})
  const { P2P_PORT, P2P_PRIVATE_KEY } = node.environment
  const peer = await busPeer(kind, { direct: node.multiaddr })
  const started = await startNode({ P2P_STATIC_PEERS: peer.address, P2P_PORT: P2P_PORT ?? '', P2P_PRIVATE_KEY: P2P_PRIVATE_KEY ?? '' })
  const self = { ...started, node: { ...started.node, peerId: node.peerId } }
  await eventually(() => TOPICS.every((name) => peer.subscriptions(name, node.peerId) > 0), WITHIN)
  await expectHeardByPeer(self, peer)
  await expectHeardByBridge(self.node, peer)
})

test.each(KINDS)('a bridge tells a %s node where another one is', async (kind) => {
  const [hub, other] = [await busPeer(kind), await busPeer(kind)]
  const { node } = await startNode({ P2P_STATIC_PEERS: `${hub.address}|${other.address}`, P2P_SHARE_PRIVATE_ADDRESSES: 'true' })
  await eventually(() => [hub, other].every((peer) => peer.subscriptions(topic('block'), node.peerId) > 0), WITHIN)
  await hub.run({ do: 'ask', peerId: node.peerId, about: other.peerId })
  const [answer] = hub.events('addresses')
  expect(answer).toMatchObject({ about: other.peerId, addresses: expect.stringContaining(other.address.replace(/\/p2p\/.*/, '')) })
})

test.each(KINDS)('a bridge asks a %s node where an author is that it hears only through it', async (kind) => {
  const [hub, author] = [await busPeer(kind), await busPeer(kind)]
  await author.run({ do: 'connect', address: hub.address })
  const { node, bridge } = await startNode({ P2P_STATIC_PEERS: hub.address })
  await eventually(
    () => hub.subscriptions(topic('subtree'), node.peerId) > 0 && author.subscriptions(topic('subtree'), hub.peerId) > 0,
    WITHIN,
  )
  await eventually(async () => (await bridge.metric('bridge_gossip_one_sided_peers_total')) >= 1, WITHIN)
  const { data } = nthAnnouncement(0, author.peerId)
  await author.run({ do: 'announce', topic: topic('subtree'), message: JSON.parse(Buffer.from(data).toString()) as object })
  // On a public network the answer, a loopback address, is not dialled.
  await eventually(async () => (await bridge.metric('bridge_gossip_found_peers_total')) >= 1, { ...WITHIN, timeoutMs: 60_000 })
  expect(await bridge.metric('bridge_gossip_address_requests_total')).toBe(1)
  expect(author.subscriptions(topic('subtree'), node.peerId)).toBe(0)
})
