import { randomBytes } from 'node:crypto'
import { Kafka, logLevel } from 'kafkajs'
import { expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { freePorts } from '../../deploy/local/processes/free-ports.ts'
import { ephemeralIdentity } from '../../src/identity/key.ts'
import { createNode, launchBridge, startBridge, type TestBridge, type TestNode } from '../support/bridge/start-bridge.ts'
import { eventually } from '../support/eventually.ts'
import { granted } from '../support/granted.ts'
import { onEnd } from '../support/on-end.ts'
import { toTeranodeHex } from '../support/private-key.ts'
import { createDatabase } from '../support/stack/create-database.ts'
import { kafkaBrokers } from '../support/stack/shared-stack.ts'
import { createTopicClient, type TopicClient } from '../support/stack/topic-client.ts'

const randomHash = () => randomBytes(32).toString('hex')

const notification = (type: string, hash: string) => ({
  type,
  hash,
  height: null,
  header: null,
  previousHash: null,
  miner: null,
  sizeInBytes: null,
  txCount: null,
})

async function produceSubtree({ codec, producer }: TopicClient, node: TestNode, hash: string): Promise<void> {
  await producer.send(node.topics.notifications, {
    key: hash,
    value: codec.encode('notifications', notification('Subtree', hash)),
    headers: {},
  })
}

async function newKey(): Promise<{ privateKey: string; peerId: string }> {
  const identity = await ephemeralIdentity()
  return { privateKey: toTeranodeHex(identity), peerId: identity.peerId }
}

/** Sum of the figures of a metric whose labels include the given ones. */
async function metric({ registry }: TestBridge, name: string, labels: Record<string, string> = {}): Promise<number> {
  const { values = [] } = (await registry.getSingleMetric(name)?.get()) ?? {}
  const matching = values.filter((value) =>
    Object.entries(labels).every(([label, text]) => (value.labels as Record<string, unknown>)[label] === text),
  )
  return matching.reduce((sum, { value }) => sum + value, 0)
}

function verdicts(bridge: TestBridge, verdict: string): Promise<number> {
  return metric(bridge, 'bridge_gossip_verdicts_total', { type: 'subtree', verdict })
}

interface BrowserEvent {
  readonly cursor: string
  readonly data: { origin: string; subtree?: { hash: string } }
}

/** A browser that sees every subtree from now on. */
async function watchEvents({ httpUrl }: TestBridge): Promise<BrowserEvent[]> {
  const events: BrowserEvent[] = []
  const socket = new WebSocket(`${httpUrl.replace('http', 'ws')}/ws`, 'gossip-bridge.v1+json')
  onEnd(() => socket.close())
  const hello = new Promise<void>((resolve, reject) => {
    socket.on('error', reject)
    socket.on('message', (text) => {
      const message = JSON.parse(String(text)) as { type: string } & BrowserEvent
      if (message.type === 'hello') socket.send(JSON.stringify({ type: 'subscribe', types: ['subtree'] }))
      if (message.type === 'caught-up' || message.type === 'hello') resolve()
      if (message.type === 'event') events.push(message)
    })
  })
  await hello
  return events
}

async function twoNodes(): Promise<{ a: TestNode; b: TestNode; client: TopicClient }> {
  const [a, b, client] = await Promise.all([createNode(), createNode(), createTopicClient()])
  return { a, b, client }
}

test('a notification of one node reaches the other node’s log and validation topic', async () => {
  const { a, b, client } = await twoNodes()
  await startBridge(a)
  await startBridge(b, { P2P_STATIC_PEERS: a.multiaddr })
  const hash = randomHash()
  await produceSubtree(client, a, hash)

  const [announcement] = await eventually(
    async () => {
      const records = await client.readAll(b.topics.subtrees, 2)
      return records.length > 0 ? records : undefined
    },
    { timeoutMs: 20_000 },
  )
  expect(announcement?.key?.toString()).toBe(hash)
  expect(announcement?.headers).toMatchObject({ type: 'subtree', network: 'regtest', 'bridge-id': b.name, 'peer-id': a.peerId })
  const { value = null } = announcement ?? {}
  expect(client.codec.decode('subtrees', value)).toMatchObject({ hash, url: `http://${a.name}.example:8090/api/v1`, peerId: a.peerId })

  const logged = async ({ topics }: TestNode) =>
    (await client.readAll(topics.events)).filter(({ headers }) => headers.type === 'subtree').length
  expect(await logged(b)).toBe(1)
  // Two groups read the notification, and the one that writes the event log may have joined later.
  await eventually(async () => expect(await logged(a)).toBe(1))
  expect(await client.readAll(a.topics.subtrees, 2)).toEqual([])
})

test('two instances of a bridge write one record per announcement, and both hear all of them', async () => {
  const { a, b, client } = await twoNodes()
  await startBridge(a)
  const first = await startBridge(b, { P2P_STATIC_PEERS: a.multiaddr })
  const [port] = await freePorts(1)
  const { privateKey, peerId } = await newKey()
  const second = await startBridge(b, { P2P_STATIC_PEERS: a.multiaddr, P2P_PORT: String(port), P2P_PRIVATE_KEY: privateKey })
  await eventually(async () => (await metric(first, 'bridge_primary')) + (await metric(second, 'bridge_primary')) === 1, {
    timeoutMs: 15_000,
  })
  expect(peerId).not.toBe(b.peerId)
  const listen = async (bridge: TestBridge) => {
    await metric(bridge, 'bridge_gossip_peers') // looks all of them up
    expect(await metric(bridge, 'bridge_gossip_subscribers')).toBeGreaterThan(0)
  }
  for (const bridge of [first, second]) await eventually(() => listen(bridge), { timeoutMs: 15_000 })

  const hashes = Array.from({ length: 100 }, randomHash)
  for (const hash of hashes) await produceSubtree(client, a, hash)
  await eventually(
    async () => {
      const keys = (await client.readAll(b.topics.subtrees, 2)).map(({ key }) => key?.toString()).sort()
      expect(keys).toEqual([...hashes].sort())
    },
    { timeoutMs: 30_000 },
  )
  const events = (await client.readAll(b.topics.events)).filter(({ headers }) => headers.type === 'subtree')
  expect(new Set(events.map(({ key }) => key?.toString())).size).toBe(hashes.length)
  // On a machine that stands still for half a second the other instance takes over what the holder has in hand.
  expect(events.length).toBeLessThan(hashes.length * 2)
  for (const bridge of [first, second]) {
    // Who hears a message after it came by in the log has it as a repeat.
    const heard = async () => (await verdicts(bridge, 'accept')) + (await verdicts(bridge, 'relay'))
    await eventually(async () => expect(await heard()).toBe(hashes.length), { timeoutMs: 10_000 })
  }
})

/** A member that speaks another protocol: while it is there, the group takes nobody else in. Gives its end. */
async function occupyGroup(groupId: string, topic: string): Promise<() => Promise<void>> {
  const kafka = new Kafka({ clientId: 'stranger', brokers: kafkaBrokers(), logLevel: logLevel.NOTHING })
  const consumer = kafka.consumer({
    groupId,
    partitionAssigners: [
      () => ({
        name: 'of-its-own',
        version: 0,
        protocol: () => ({ name: 'of-its-own', metadata: Buffer.alloc(0) }),
        assign: async () => [],
      }),
    ],
  })
  await consumer.connect()
  let left: Promise<void> | undefined
  const leave = () => {
    left ??= consumer.disconnect()
    return left
  }
  onEnd(leave)
  await consumer.subscribe({ topics: [topic] })
  const joined = new Promise<void>((resolve) => void consumer.on(consumer.events.GROUP_JOIN, () => resolve()))
  await consumer.run({ eachMessage: async () => {} })
  await joined
  return leave
}

test('a bridge that its group does not take in writes what it hears all the same, and hands it on once it is a member', async () => {
  const { a, b, client } = await twoNodes()
  const leave = await occupyGroup(`${b.name}.log`, b.topics.banCommands)
  await startBridge(a)
  const bridge = await launchBridge(b, { P2P_STATIC_PEERS: a.multiaddr })
  await bridge.started
  const groupPart = () => bridge.health.report().parts.find(({ part }) => part === 'group log')
  await eventually(() => expect(groupPart()).toMatchObject({ ready: false, reason: expect.stringMatching(/protocol/) }), {
    timeoutMs: 15_000,
  })
  const hash = randomHash()
  await produceSubtree(client, a, hash)

  const inLog = async () => (await client.readAll(b.topics.events)).filter(({ headers }) => headers.type === 'subtree')
  await eventually(async () => expect(await inLog()).toHaveLength(1), { timeoutMs: 15_000 })
  expect(await metric(bridge, 'bridge_primary')).toBe(0)
  expect(await client.readAll(b.topics.subtrees, 2)).toEqual([])
  await leave()
  await eventually(async () => expect((await client.readAll(b.topics.subtrees, 2)).map(({ key }) => `${key}`)).toEqual([hash]), {
    timeoutMs: 20_000,
  })
  expect(await inLog()).toHaveLength(1)
})

test('bad records go to the dead letters with the reason, and the next record flows', async () => {
  const { a, b, client } = await twoNodes()
  await startBridge(a)
  await startBridge(b, { P2P_STATIC_PEERS: a.multiaddr })
  const good = randomHash()
  const bad: [string, Buffer | null][] = [
    ['unknown-schema', Buffer.concat([Buffer.from([0, 0, 0, 0xff, 0xff]), Buffer.from('whatever')])],
    ['truncated', client.codec.encode('notifications', notification('Subtree', good)).subarray(0, 20)],
    ['wrong-shape', Buffer.from('{"type":7}')],
    ['bad-content', client.codec.encode('notifications', notification('Subtree', 'no-hash'))],
    ['null-value', null],
    ['unknown-framing', Buffer.alloc(900_000, 'x')],
  ]
  for (const [reason, value] of bad) await client.producer.send(a.topics.notifications, { key: reason, value, headers: {} })
  await produceSubtree(client, a, good)
  await eventually(async () => (await client.readAll(b.topics.subtrees, 2)).length === 1, { timeoutMs: 20_000 })

  const letters = await eventually(
    async () => {
      const found = await client.readAll(a.topics.deadLetters, 2)
      const reasons = found.map(({ headers }) => headers['original-key'])
      return bad.every(([reason]) => reasons.filter((each) => each === reason).length >= 2) ? found : undefined
    },
    { timeoutMs: 10_000 },
  )
  for (const [reason, value] of bad) {
    const letter = letters.find(({ headers }) => headers['original-key'] === reason)
    expect(letter?.headers).toMatchObject({ reason, 'original-topic': a.topics.notifications })
    expect(letter?.value?.equals(value ?? Buffer.alloc(0)) ?? value === null).toBe(true)
  }
})

test('browsers get own and foreign events in the order of the log', async () => {
  const { a, b, client } = await twoNodes()
  await startBridge(a)
  const bridge = await startBridge(b, { P2P_STATIC_PEERS: a.multiaddr })
  const events = await watchEvents(bridge)
  const foreign = randomHash()
  await produceSubtree(client, a, foreign)
  await eventually(() => events.some(({ data }) => data.subtree?.hash === foreign), { timeoutMs: 20_000 })
  const own = randomHash()
  await produceSubtree(client, b, own)
  await eventually(() => events.some(({ data }) => data.subtree?.hash === own), { timeoutMs: 20_000 })
  expect(events.map(({ data }) => [data.origin, data.subtree?.hash])).toEqual([
    ['network', foreign],
    ['own', own],
  ])
  expect(await (await fetch(`${bridge.httpUrl}/health`)).text()).toBe('OK')
  expect((await fetch(`${bridge.healthUrl}/readyz?verbose`)).status).toBe(200)
})

test('a ban command in Kafka cuts the connection within two seconds, and the list survives a restart', async () => {
  const { a, b, client } = await twoNodes()
  const database = await createDatabase()
  await startBridge(a)
  const bridge = await startBridge(b, { P2P_STATIC_PEERS: a.multiaddr, BANLIST_DB: database, ROLES: 'relay,admin' })
  await eventually(async () => (await metric(bridge, 'bridge_gossip_peers')) === 1, { timeoutMs: 15_000 })
  const command = { action: 'add', key: a.peerId, until: null, durationSeconds: 3600, permanent: false, reason: 'test' }
  await client.producer.send(b.topics.banCommands, { key: a.peerId, value: Buffer.from(JSON.stringify(command)), headers: {} })
  const sentAt = performance.now()
  await eventually(async () => (await metric(bridge, 'bridge_gossip_peers')) === 0)
  expect(performance.now() - sentAt).toBeLessThan(granted(2000))
  await eventually(async () => (await client.readAll(b.topics.bans)).some(({ key }) => String(key) === a.peerId), {
    timeoutMs: 5000,
  })
  await bridge.stop()
  const again = await startBridge(b, { P2P_STATIC_PEERS: a.multiaddr, BANLIST_DB: database, ROLES: 'relay,admin' })
  expect(await metric(again, 'bridge_ban_entries')).toBe(1)
  expect(await metric(again, 'bridge_gossip_peers')).toBe(0)
})

test('the pulse passes every station, and that of an edge is the records of the relays', async () => {
  const node = await createNode()
  const ages = async (bridge: TestBridge) => {
    const { values = [] } = (await bridge.registry.getSingleMetric('bridge_instance_record_age_seconds')?.get()) ?? {}
    return Object.fromEntries(values.map(({ labels, value }) => [(labels as { station: string }).station, value]))
  }
  const edge = await startBridge(node, { ROLES: 'edge' })
  const watchedAt = performance.now()
  const relay = await startBridge(node)
  await eventually(async () => expect(Object.keys(await ages(relay)).sort()).toEqual(['event-log', 'tail', 'validation', 'websocket']), {
    timeoutMs: 20_000,
  })
  // Without a record that has come all the way, a station is as old as the watch over it.
  await eventually(
    async () => {
      const { websocket = Number.POSITIVE_INFINITY, ...others } = await ages(edge)
      expect(Object.keys(others)).toEqual(['tail'])
      expect(websocket * 1000).toBeLessThan(performance.now() - watchedAt)
    },
    { timeoutMs: 10_000 },
  )
  const line = edge.health.report().parts.find(({ part }) => part === 'pulse')
  expect(line).toMatchObject({ ready: true, reason: expect.stringMatching(/^tail \d+ s, websocket \d+ s$/) })
})
