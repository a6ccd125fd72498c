import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { freePorts } from '../../deploy/local/processes/free-ports.ts'
import { fromEventRecord } from '../../src/events/entries/event-record.ts'
import type { LogEvent } from '../../src/events/event.ts'
import { ephemeralIdentity } from '../../src/identity/key.ts'
import { createNode, startBridge, type TestBridge, type TestNode } from '../support/bridge/start-bridge.ts'
import { eventually } from '../support/eventually.ts'
import { toTeranodeHex } from '../support/private-key.ts'
import { createTopicClient, type TopicClient } from '../support/stack/topic-client.ts'
import { FeedClient } from './websocket/feed-client.ts'

const wait = { timeoutMs: 20_000 }
const ENVELOPE = { GOSSIP_DIALECT: 'envelope' }
const randomHash = () => randomBytes(32).toString('hex')
const NOTHING = { height: null, header: null, previousHash: null, miner: null, sizeInBytes: null, txCount: null }

/** Writes a notification of the own node, as its services do. */
async function notify(
  { codec, producer }: TopicClient,
  node: TestNode,
  value: { type: string; hash: string; height?: number },
  partition = 0,
) {
  const record = { key: value.hash, value: codec.encode('notifications', { ...NOTHING, ...value }), headers: {} }
  await producer.send(node.topics.notifications, record, { partition })
}

/** The events of a node that came from a peer, or its own. */
async function eventsOf({ codec, readAll }: TopicClient, node: TestNode, peerId: string | null): Promise<LogEvent[]> {
  const events = (await readAll(node.topics.events)).map((record) => fromEventRecord(record, codec))
  return events.filter((event): event is LogEvent => event !== undefined && event.peerId === peerId)
}

const typesOf = (events: readonly LogEvent[]) => [...new Set(events.map(({ type }) => type))].sort()
const url = (node: TestNode) => `http://${node.name}.example:8090/api/v1`
const frames = (client: FeedClient) => client.texts.map((text) => JSON.parse(text) as Record<string, unknown>)

async function counter({ registry }: TestBridge, name: string, wanted: Record<string, string> = {}): Promise<number> {
  const { values = [] } = (await registry.getSingleMetric(name)?.get()) ?? {}
  const found = values.filter(({ labels }) =>
    Object.entries(wanted).every(([label, value]) => (labels as Record<string, unknown>)[label] === value),
  )
  return found.reduce((sum, { value }) => sum + value, 0)
}

test('two nodes exchange blocks, subtrees, rejected transactions and statuses, and their browsers see them', async () => {
  const [a, b, client] = await Promise.all([createNode(), createNode(), createTopicClient()])
  const second = { P2P_REJECTED_TX_SECOND_TOPIC: 'rejected-tx' }
  const one = await startBridge(a, { ...ENVELOPE, ...second })
  const other = await startBridge(b, { ...ENVELOPE, ...second, P2P_STATIC_PEERS: a.multiaddr })
  await eventually(async () => expect(typesOf(await eventsOf(client, b, null))).toContain('node-status'), wait)
  const browser = await FeedClient.open(`${other.httpUrl.replace('http', 'ws')}/p2p-ws`, { protocols: [] })
  await eventually(() => browser.texts.length > 0, wait)
  expect(frames(browser)[0]).toMatchObject({
    type: 'node_status',
    peer_id: b.peerId,
    client_name: b.name,
    listen_mode: 'full',
    base_url: url(b),
  })

  const [block, subtree, txHash] = [randomHash(), randomHash(), randomHash()]
  await notify(client, a, { type: 'Block', hash: block, height: 7 })
  await notify(client, a, { type: 'Subtree', hash: subtree })
  const { codec, producer } = client
  await producer.send(a.topics.rejectedTx, {
    key: txHash,
    value: codec.encode('rejectedTx', { txHash, reason: 'TX_INVALID', peerId: null }),
    headers: {},
  })
  await eventually(async () => {
    const events = await eventsOf(client, b, a.peerId)
    expect(events).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          type: 'block',
          block: expect.objectContaining({ hash: block, height: 7, dataHubUrl: url(a), clientName: a.name }),
        }),
        expect.objectContaining({ type: 'subtree', subtree: expect.objectContaining({ hash: subtree, clientName: a.name }) }),
        expect.objectContaining({ type: 'rejected-tx', rejectedTx: { txId: txHash, reason: 'TX_INVALID' } }),
        expect.objectContaining({
          type: 'node-status',
          nodeStatus: expect.objectContaining({ bestBlockHash: block, bestHeight: 7, fsmState: 'RUNNING', clientName: a.name }),
        }),
        expect.objectContaining({ type: 'sync', sync: expect.objectContaining({ hash: block, height: 7, dataHubUrl: url(a) }) }),
      ]),
    )
  }, wait)
  await eventually(async () => expect(typesOf(await eventsOf(client, a, b.peerId))).toEqual(['node-status']), wait)

  const shown = await eventually(() => {
    const found = frames(browser).filter(({ peer_id }) => peer_id === a.peerId)
    expect(new Set(found.map(({ type }) => type))).toEqual(new Set(['node_status', 'block', 'subtree']))
    return found.some(({ type, best_height }) => type === 'node_status' && best_height === 7) ? found : undefined
  }, wait)
  expect(shown.find(({ type }) => type === 'block')).toMatchObject({ hash: block, height: 7, client_name: a.name, best_height: 0 })

  const records = await eventually(async () => {
    const found = (await Promise.all([client.readAll(b.topics.blocks, 2), client.readAll(b.topics.subtrees, 2)])).flat()
    expect(found.map(({ headers }) => headers.type).sort()).toEqual(['block', 'subtree', 'sync'])
    return found
  }, wait)
  for (const { headers } of records) expect(headers['peer-id']).toBe(a.peerId)
  for (const bridge of [one, other]) expect(await counter(bridge, 'bridge_gossip_handshakes_total')).toBe(0)
  const ofRejected = (await eventsOf(client, b, a.peerId)).filter(({ type }) => type === 'rejected-tx')
  expect(ofRejected).toHaveLength(1) // heard on two topics
  const topics = ['rejected_tx', 'rejected-tx'].map((suffix) => `teranode/bitcoin/1.0.0/regtest-${suffix}`)
  await eventually(async () => {
    for (const topic of topics) expect(await counter(other, 'bridge_gossip_received_messages_total', { topic, outcome: 'accept' })).toBe(1)
  }, wait)
})

test('a hash is announced once, although both instances of a bridge get it to announce', async () => {
  const [a, b, client] = await Promise.all([createNode(), createNode(), createTopicClient()])
  await startBridge(b, ENVELOPE)
  const [port] = await freePorts(1)
  const identity = await ephemeralIdentity()
  const settings = { ...ENVELOPE, P2P_STATIC_PEERS: b.multiaddr }
  const instances = [
    await startBridge(a, settings),
    await startBridge(a, { ...settings, P2P_PORT: `${port}`, P2P_PRIVATE_KEY: toTeranodeHex(identity) }),
  ]
  const announcedBefore = async () => {
    const counts = instances.map((instance) => counter(instance, 'bridge_flow_records_total', { outcome: 'announced' }))
    return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0)
  }
  const hashes = Array.from({ length: 20 }, randomHash)
  const copies = async (): Promise<Record<string, string[]>> => {
    const events = (await client.readAll(b.topics.events)).map((record) => fromEventRecord(record, client.codec))
    const heard = events.flatMap((event) => (event?.type === 'subtree' ? [[event.subtree.hash, event.peerId ?? ''] as const] : []))
    return Object.fromEntries(hashes.map((hash) => [hash, heard.filter(([announced]) => announced === hash).map(([, peerId]) => peerId)]))
  }
  for (const hash of hashes) await notify(client, a, { type: 'Subtree', hash }, 0)
  await eventually(async () => expect(Object.values(await copies()).every((peers) => peers.length === 1)).toBe(true), wait)
  // The same again, which the other instance gets: its sibling has announced all of it.
  for (const hash of hashes) await notify(client, a, { type: 'Subtree', hash }, 1)
  const bothRead = [hashes.length, hashes.length]
  await eventually(async () => expect(await client.committed(`${a.name}.gossip`, a.topics.notifications)).toEqual(bothRead), wait)
  // A rebalance repeats records; those count again.
  expect(await announcedBefore()).toBeGreaterThanOrEqual(hashes.length)
  expect(Object.values(await copies()).map((peers) => peers.length)).toEqual(hashes.map(() => 1))
})

test('a node that only listens hears all, announces nothing, and tells its status without URLs', async () => {
  const [a, b, client] = await Promise.all([createNode(), createNode(), createTopicClient()])
  await startBridge(a, { ...ENVELOPE, LISTEN_MODE: 'listen_only' })
  await startBridge(b, { ...ENVELOPE, P2P_STATIC_PEERS: a.multiaddr })
  const [hers, his] = [randomHash(), randomHash()]
  await notify(client, a, { type: 'Block', hash: hers, height: 7 })
  await notify(client, b, { type: 'Subtree', hash: his })
  await eventually(async () => expect(typesOf(await eventsOf(client, a, b.peerId))).toContain('subtree'), wait)
  const status = await eventually(async () => {
    const found = (await eventsOf(client, b, a.peerId)).find((event) => event.type === 'node-status' && event.nodeStatus.bestHeight === 7)
    return found?.type === 'node-status' ? found.nodeStatus : undefined
  }, wait)
  expect(status).toMatchObject({ listenMode: 'listen_only', dataHubUrl: '', propagationUrl: '', bestBlockHash: hers })
  expect(typesOf(await eventsOf(client, b, a.peerId))).toEqual(['node-status']) // nor a sync event: there is no URL to fetch from
})

test('a silent node hears all and says nothing; its own browsers see its status', async () => {
  const [a, b, client] = await Promise.all([createNode(), createNode(), createTopicClient()])
  await startBridge(b, ENVELOPE)
  const silent = await startBridge(a, { ...ENVELOPE, LISTEN_MODE: 'silent', P2P_STATIC_PEERS: b.multiaddr })
  const [hers, his] = [randomHash(), randomHash()]
  await notify(client, a, { type: 'Block', hash: hers, height: 7 })
  await notify(client, b, { type: 'Subtree', hash: his })
  await eventually(async () => expect(typesOf(await eventsOf(client, a, b.peerId))).toEqual(['node-status', 'subtree']), wait)
  const browser = await FeedClient.open(`${silent.httpUrl.replace('http', 'ws')}/p2p-ws`, { protocols: [] })
  await eventually(() => browser.texts.length > 0, wait)
  expect(frames(browser)[0]).toMatchObject({ type: 'node_status', peer_id: a.peerId, listen_mode: 'silent' })
  expect(await eventsOf(client, b, a.peerId)).toEqual([])
})
