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
const KINDS = builtKinds.filter((kind) => kind === 'go')

async function startBridge(entry: Peer) {
  const node = await createNodeEnvironment({
    P2P_SHARED_KEY: psk,
    P2P_DHT_USE_PRIVATE: 'true',
    P2P_BOOTSTRAPADDRESSES: entry.address,
  })
  await createNodeTopics(node)
  return { node, bridge: await run(node) }
}

async function run(node: NodeEnvironment) {
  const bridge = startBridgeProcess(node.environment)
  await bridge.ready()
  return bridge
}

/** The peer looks for us, and we for it: whoever is first dials. */
async function untilConnected(peer: Peer, nodes: readonly NodeEnvironment[], times = 1): Promise<void> {
  await eventually(async () => {
    await peer.run({ do: 'discover', topic: BLOCK })
    return nodes.every(({ peerId }) => peer.subscriptions(BLOCK, peerId) >= times)
  }, WITHIN)
}

test.each(KINDS)('two bridges and a %s node find each other by a DHT alone, also after a restart of either', async (kind) => {
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
  await untilConnected(second, [b.node], 2)
  await announce(b.node, a.node)
})
