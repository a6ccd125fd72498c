import { multiaddr } from '@multiformats/multiaddr'
import { expect, test } from 'vitest'
import { cidOfNamespace, type DhtOptions } from '../../../src/gossip/node/dht.ts'
import { swarmKeyOf } from '../../../src/gossip/node/pre-shared-key.ts'
import { eventually } from '../../support/eventually.ts'
import { blockTopic, bytes, metric, startBareNode, startHost, type TestHostOptions, textsOf } from './start-host.ts'

const sharedKey = 'a1'.repeat(32)
const privateDht: DhtOptions = { protocol: '/teranode/kad/1.0.0', mode: 'server', isPublic: false }
const publicDht: DhtOptions = { protocol: '/ipfs/kad/1.0.0', mode: 'server', isPublic: true }
const timings = { findEachMs: 500, findInPublicEachMs: 500, queryTimeoutMs: 15_000 }
const start = (options: TestHostOptions) => startHost({ ...options, timings })

test('private network: two hosts that know only a third one find each other by its DHT, and again after a restart', async () => {
  const entry = await start({ sharedKey, dht: privateDht, topics: [] })
  const options = { sharedKey, dht: privateDht, bootstrapPeers: [entry.address()] }
  const one = await start(options)
  const two = await start(options)
  await eventually(() => one.subscribers(blockTopic).includes(two.peerId) && two.subscribers(blockTopic).includes(one.peerId), {
    timeoutMs: 20_000,
  })
  await eventually(async () => {
    await one.publish(blockTopic, bytes('by DHT'), { priority: 'high' })
    return textsOf(two).includes('by DHT')
  })
  expect(await metric(one, 'bridge_gossip_dht_peers')).toBeGreaterThan(0)

  await two.stop()
  await eventually(() => !one.subscribers(blockTopic).includes(two.peerId))
  const three = await start(options)
  await eventually(() => one.subscribers(blockTopic).includes(three.peerId), { timeoutMs: 20_000 })
})

test('a bare js peer that advertises as Go’s pubsub does is found', async () => {
  const entry = await start({ sharedKey, dht: privateDht, topics: [] })
  const host = await start({ sharedKey, dht: privateDht, bootstrapPeers: [entry.address()] })
  const bare = await startBareNode([blockTopic], { dht: privateDht, swarmKey: swarmKeyOf(sharedKey) })
  await bare.dial(multiaddr(entry.address()))
  const cid = await cidOfNamespace(`floodsub:${blockTopic}`)
  const isFound = async () => {
    for await (const _ of bare.services.dht?.provide(cid) ?? []);
    return host.subscribers(blockTopic).includes(bare.peerId.toString())
  }
  await eventually(isFound, { timeoutMs: 20_000, intervalMs: 300 })
})

test('public network: a found peer is not dialled at a loopback address, however often the DHT tells of it', async () => {
  const careless: DhtOptions = { ...publicDht, isPublic: false } // as strangers may be: it tells and takes local addresses
  const entry = await start({ dht: careless, topics: [] })
  const host = await start({ dht: publicDht, dhtPeers: [entry.address()] })
  const [one, two] = await Promise.all([
    start({ dht: careless, isTrusting: true, dhtPeers: [entry.address()] }),
    start({ dht: careless, isTrusting: true, dhtPeers: [entry.address()] }),
  ])
  await eventually(() => one.subscribers(blockTopic).includes(two.peerId), { timeoutMs: 20_000 })
  const rounds = () => metric(host, 'bridge_gossip_dht_queries_total{kind="find",outcome="answered"}')
  const before = await rounds()
  await eventually(async () => (await rounds()) >= before + 12, { timeoutMs: 20_000 })
  expect(await metric(host, 'bridge_gossip_dials_total{kind="found",outcome="connected"}')).toBe(0)
})
