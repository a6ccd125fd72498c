import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { GOSSIP_TOPICS } from '../contract/harness/node-b/announcements.ts'
import { startBridgeProcess } from '../support/bridge/bridge-process.ts'
import { createNodeEnvironment, createNodeTopics, type NodeEnvironment } from '../support/bridge/node-environment.ts'
import { createNodeServices } from '../support/bridge/node-services.ts'
import { eventually } from '../support/eventually.ts'
import { tailTopic } from '../support/stack/tail-topic.ts'
import { builtKinds, type Peer, startPeer } from './start-peer.ts'

const WITHIN = { timeoutMs: 60_000, intervalMs: 500 }
const BLOCK = GOSSIP_TOPICS.block
const psk = 'a1'.repeat(32)
const kad = '/teranode'
/** Teranode has no private networks; py-libp2p has none that others could join, and no DHT of another prefix. */
const PRIVATE_KINDS = builtKinds.filter((kind) => kind !== 'teranode' && kind !== 'python')

const PRIVATE_DHT = { P2P_SHARED_KEY: psk, P2P_DHT_USE_PRIVATE: 'true' }
/** As a Teranode node without a shared key: the public DHT's protocol, here among loopback addresses. */
const PUBLIC_DHT = { GOSSIP_DIALECT: 'envelope', P2P_ALLOW_PRIVATE_IPS: 'true', P2P_DHT_MODE: 'client', P2P_DHT_BOOTSTRAP_PEERS: '' }

async function startBridge(entry: Peer, network: Record<string, string> = PRIVATE_DHT) {
  const node = await createNodeEnvironment({ ...network, P2P_BOOTSTRAPADDRESSES: entry.address })
  await createNodeTopics(node)
  return { node, bridge: await run(node) }
}

async function run(node: NodeEnvironment) {
  const bridge = startBridgeProcess(node.environment)
  await bridge.ready()
  return bridge
}

/** The peer looks for us, and we for it: whoever is first dials. */
async function untilConnected(peer: Peer, nodes: readonly NodeEnvironment[], { topic = BLOCK, times = 1 } = {}): Promise<void> {
  await eventually(async () => {
    await peer.run({ do: 'discover', topic })
    return nodes.every(({ peerId }) => peer.subscriptions(topic, peerId) >= times)
  }, WITHIN)
}

test.each(PRIVATE_KINDS)('two bridges and a %s node find each other by a DHT alone, also after a restart of either', async (kind) => {
  const entry = await startPeer(kind, [], { psk, kad })
  const [a, b] = [await startBridge(entry), await startBridge(entry)]
  const join = async () => {
    const peer = await startPeer(kind, [BLOCK], { psk, kad })
    await peer.run({ do: 'connect', address: entry.address })
    return peer
  }
  const first = await join()
  await untilConnected(first, [a.node, b.node])
  const services = await createNodeServices()
  const announce = async (from: NodeEnvironment, to: NodeEnvironment) => {
    const hash = randomBytes(32).toString('hex')
    await services.produce(from.topic('blockchain-notifications'), { key: hash, value: JSON.stringify({ type: 'Block', hash, height: 1 }) })
    await eventually(async () => expect((await tailTopic('blocks', to.environment)).map(({ key }) => key)).toContain(hash), WITHIN)
  }
  await announce(a.node, b.node)

  await first.kill()
  const second = await join()
  await untilConnected(second, [a.node, b.node])

  await b.bridge.end('SIGTERM')
  await run(b.node)
  await untilConnected(second, [b.node], { times: 2 })
  await announce(b.node, a.node)
})

test.each(builtKinds)('two bridges of today’s dialect and a %s node find each other by the public DHT’s protocol', async (kind) => {
  const topic = 'teranode/bitcoin/1.0.0/regtest-block'
  const entry = await startPeer(kind, [], { kad: '/ipfs' })
  const [a, b] = [await startBridge(entry, PUBLIC_DHT), await startBridge(entry, PUBLIC_DHT)]
  const peer = await startPeer(kind, [topic], { kad: '/ipfs' })
  await peer.run({ do: 'connect', address: entry.address })
  await untilConnected(peer, [a.node, b.node], { topic })
  const services = await createNodeServices()
  const hash = randomBytes(32).toString('hex')
  await services.produce(a.node.topic('blockchain-notifications'), {
    key: hash,
    value: JSON.stringify({ type: 'Block', hash, height: 1 }),
  })
  await eventually(async () => expect((await tailTopic('blocks', b.node.environment)).map(({ key }) => key)).toContain(hash), WITHIN)
})
