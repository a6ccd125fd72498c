import { expect, test } from 'vitest'
import { createNode, startBridge, type TestBridge } from '../support/bridge/start-bridge.ts'
import { eventually } from '../support/eventually.ts'
import { startHost } from './gossip/start-host.ts'

const sharedKey = 'a1'.repeat(32)

async function subscribers({ registry }: TestBridge): Promise<number> {
  await registry.getSingleMetric('bridge_gossip_peers')?.get() // looks all of them up
  const { values = [] } = (await registry.getSingleMetric('bridge_gossip_subscribers')?.get()) ?? {}
  return Math.max(0, ...values.map(({ value }) => value))
}

test('two bridges that know only an entry of the private DHT find each other', async () => {
  const entry = await startHost({ sharedKey, topics: [], dht: { protocol: '/teranode/kad/1.0.0', mode: 'server', isPublic: false } })
  const settings = { P2P_SHARED_KEY: sharedKey, P2P_DHT_USE_PRIVATE: 'true', P2P_BOOTSTRAPADDRESSES: entry.address() }
  const [a, b] = await Promise.all([createNode(), createNode()])
  const [one, two] = [await startBridge(a, settings), await startBridge(b, settings)]
  for (const bridge of [one, two]) await eventually(async () => expect(await subscribers(bridge)).toBe(1), { timeoutMs: 40_000 })
})
