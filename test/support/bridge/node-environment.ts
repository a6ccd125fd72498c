import { randomUUID } from 'node:crypto'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { freePorts } from '../../../deploy/local/processes/free-ports.ts'
import { kafkaBrokers } from '../stack/shared-stack.ts'
import { runBridge } from './bridge-process.ts'

/** A node of the network from its operator's view: settings, addresses and topics. */
export interface NodeEnvironment {
  readonly name: string
  readonly peerId: string
  /** For the static peers of other nodes. */
  readonly multiaddr: string
  readonly privateKey: string
  readonly httpUrl: string
  readonly healthUrl: string
  readonly environment: Record<string, string>
  /** The name of a topic with the node's prefix. */
  topic(name: string): string
}

/** The environment of one bridge of a new node, on free ports. Nothing is created or started. */
export async function createNodeEnvironment(overrides: Record<string, string> = {}): Promise<NodeEnvironment> {
  const name = `node-${randomUUID().slice(0, 8)}`
  const [p2pPort, httpPort, healthPort] = await freePorts(3)
  const key = await generateKeyPair('Ed25519')
  const peerId = peerIdFromPrivateKey(key).toString()
  const privateKey = Buffer.from(key.raw).toString('hex')
  const environment = {
    NETWORK: 'regtest',
    CLIENTNAME: name,
    BRIDGE_ID: name,
    TOPIC_PREFIX: `${name}.`,
    KAFKA_BROKERS: kafkaBrokers().join(','),
    KAFKA_PARTITIONS: '2',
    ASSET_HTTPPUBLICADDRESS: `http://${name}.example:8090/api/v1`,
    ALLOW_PRIVATE_URLS: 'true',
    P2P_LISTEN_ADDRESSES: '127.0.0.1',
    P2P_PORT: `${p2pPort}`,
    P2P_PRIVATE_KEY: privateKey,
    P2P_HTTPLISTENADDRESS: `127.0.0.1:${httpPort}`,
    HEALTHLISTENADDRESS: `127.0.0.1:${healthPort}`,
    ...overrides,
  }
  return {
    name,
    peerId,
    privateKey,
    multiaddr: `/ip4/127.0.0.1/tcp/${p2pPort}/p2p/${peerId}`,
    httpUrl: `http://127.0.0.1:${httpPort}`,
    healthUrl: `http://127.0.0.1:${healthPort}`,
    environment,
    topic: (topic) => `${name}.${topic}`,
  }
}

/** Runs `topics create`, as an operator does. */
export async function createNodeTopics({ environment }: Pick<NodeEnvironment, 'environment'>): Promise<void> {
  const { code, stderr } = await runBridge(['topics', 'create'], environment)
  if (code !== 0) throw new Error(`\`topics create\` failed: ${stderr}`)
}

/** Two new nodes with their topics; each has the other as a static peer. */
export async function createTwoNodes(overrides: Record<string, string> = {}): Promise<[NodeEnvironment, NodeEnvironment]> {
  const [a, b] = await Promise.all([createNodeEnvironment(overrides), createNodeEnvironment(overrides)])
  a.environment.P2P_STATIC_PEERS = b.multiaddr
  b.environment.P2P_STATIC_PEERS = a.multiaddr
  await Promise.all([createNodeTopics(a), createNodeTopics(b)])
  return [a, b]
}
