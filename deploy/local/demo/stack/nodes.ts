import { createHash } from 'node:crypto'
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import type { NodeName } from '../watch/ledger.ts'

/** One bridge process. */
export interface DemoBridge {
  readonly name: string
  readonly httpPort: number
  readonly p2pPort: number
  readonly healthPort: number
  readonly peerId: string
  /** `p2p_private_key`: seed and public key as hex. */
  readonly privateKey: string
}

/** One node of the demo: its bridges share an id, topics and a database. */
export interface DemoNode {
  readonly name: NodeName
  readonly bridgeId: string
  readonly topicPrefix: string
  readonly bridges: readonly DemoBridge[]
}

export interface LayoutOptions {
  /** Bridges of node A; node B always has one. */
  readonly instances: number
  /** Three for each bridge. */
  readonly ports: readonly number[]
}

/** The same in every demo, so it is not secret: anybody could join with it, but everything listens on loopback only. */
const SHARED_KEY = createHash('sha256').update('gossip-bridge demo: a private network').digest('hex')
export const PORTS_PER_BRIDGE = 3

/** Who takes part: two nodes, their bridges, ports and fixed identities. */
export async function layOutNodes({ instances, ports }: LayoutOptions): Promise<Record<NodeName, DemoNode>> {
  const layBridge = async (name: string, index: number): Promise<DemoBridge> => {
    const [httpPort = 0, p2pPort = 0, healthPort = 0] = ports.slice(index * PORTS_PER_BRIDGE)
    return { name, httpPort, p2pPort, healthPort, ...(await identityOf(name)) }
  }
  const layNode = async (name: NodeName, count: number, from: number): Promise<DemoNode> => {
    const bridgeId = `node-${name.toLowerCase()}`
    const names = Array.from({ length: count }, (_, index) => (count === 1 ? bridgeId : `${bridgeId}-${index + 1}`))
    const bridges = await Promise.all(names.map((bridge, index) => layBridge(bridge, from + index)))
    return { name, bridgeId, topicPrefix: `${bridgeId}.`, bridges }
  }
  return { A: await layNode('A', instances, 0), B: await layNode('B', 1, instances) }
}

export interface EnvironmentOptions {
  readonly node: DemoNode
  readonly bridge: DemoBridge
  /** All other bridges in the network. */
  readonly peers: readonly DemoBridge[]
  readonly kafkaBrokers: readonly string[]
  readonly databaseUrl: string
}

/** The settings of one bridge, as its environment. */
export function bridgeEnvironment({ node, bridge, peers, kafkaBrokers, databaseUrl }: EnvironmentOptions): Record<string, string> {
  return {
    ...nodeEnvironment(node, kafkaBrokers),
    INSTANCE_ID: bridge.name,
    ASSET_HTTPADDRESS: `http://127.0.0.1:${bridge.httpPort}/api/v1`,
    ALLOW_PRIVATE_URLS: 'true', // the nodes' data would be on this machine
    P2P_LISTEN_ADDRESSES: '127.0.0.1',
    P2P_PORT: `${bridge.p2pPort}`,
    P2P_PRIVATE_KEY: bridge.privateKey,
    P2P_SHARED_KEY: SHARED_KEY,
    P2P_STATIC_PEERS: peers.map(({ p2pPort, peerId }) => `/ip4/127.0.0.1/tcp/${p2pPort}/p2p/${peerId}`).join('|'),
    P2P_HTTPLISTENADDRESS: `127.0.0.1:${bridge.httpPort}`,
    HEALTHLISTENADDRESS: `127.0.0.1:${bridge.healthPort}`,
    BANLIST_DB: databaseUrl,
    LOG_FORMAT: 'json',
  }
}

/** The settings of commands for a whole node: its topics and its name. */
export function nodeEnvironment(node: DemoNode, kafkaBrokers: readonly string[]): Record<string, string> {
  return {
    NETWORK: 'regtest',
    CLIENTNAME: node.bridgeId,
    BRIDGE_ID: node.bridgeId,
    KAFKA_BROKERS: kafkaBrokers.join(','),
    TOPIC_PREFIX: node.topicPrefix,
  }
}

async function identityOf(name: string): Promise<{ peerId: string; privateKey: string }> {
  const seed = createHash('sha256').update(`gossip-bridge demo: ${name}`).digest()
  const key = await generateKeyPairFromSeed('Ed25519', seed)
  return { peerId: peerIdFromPrivateKey(key).toString(), privateKey: Buffer.from(key.raw).toString('hex') }
}
