import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, expect, test } from 'vitest'
import { type LocalKafka, startKafka } from '../../deploy/local/kafka/kafka.ts'
import { freePorts } from '../../deploy/local/processes/free-ports.ts'
import { type BridgeProcess, startBridgeProcess } from '../support/bridge/bridge-process.ts'
import { createNodeEnvironment, createNodeTopics, createTwoNodes } from '../support/bridge/node-environment.ts'
import { createNodeServices } from '../support/bridge/node-services.ts'
import { eventually } from '../support/eventually.ts'
import { granted } from '../support/granted.ts'
import { tailTopic } from '../support/stack/tail-topic.ts'

/** Kafka stays away until the bridges say that they are not ready, which they do after some 10 s. */
const AWAY_AT_MOST_MS = 90_000
/** The least that the setting takes; at least three times as much is announced meanwhile. */
const SMALL_BUFFER = 100

const [port = 0] = await freePorts(1)
const address = `127.0.0.1:${port}`
let kafka: LocalKafka | undefined
afterAll(() => kafka?.stop())

/** What a part said of itself, in order; a line that says nothing new would be noise. */
function changesOf(bridge: BridgeProcess): Map<string, string[]> {
  const parts = new Map<string, string[]>()
  for (const { msg, part, reason } of bridge.logs()) {
    if (msg === 'part is ready' || msg === 'part is not ready') parts.set(`${part}`, [...(parts.get(`${part}`) ?? []), `${msg}: ${reason}`])
  }
  return parts
}

function expectOneLinePerChange(bridge: BridgeProcess): void {
  for (const [part, lines] of changesOf(bridge)) {
    const repeats = lines.filter((line, index) => line === lines[index - 1])
    expect({ part, repeats }).toEqual({ part, repeats: [] })
  }
  // Bridges that start one after the other do not find each other at once, which says nothing of Kafka.
  const ofKafka = bridge.logs().filter(({ kind }) => kind !== 'static')
  const complaints = ofKafka.filter(({ level }) => ['warn', 'error', 'fatal'].includes(level))
  expect(complaints.filter(({ msg, reason }) => msg !== 'part is not ready' && reason !== undefined)).toEqual([])
  expect(complaints.length, JSON.stringify(complaints)).toBeLessThan(25)
}

test('a bridge that is there before Kafka says what it waits for, and works once Kafka and its topics are there', async () => {
  const node = await createNodeEnvironment({ KAFKA_BROKERS: address })
  const bridge = startBridgeProcess(node.environment)
  await eventually(
    async () => expect(await bridge.health('/readyz')).toMatch(new RegExp(`^503 [\\s\\S]*producer: Kafka at ${address} does not answer`)),
    {
      timeoutMs: 10_000,
    },
  )
  expect(await bridge.health('/livez')).toBe('200 OK')

  kafka = await startKafka({ port })
  expect(kafka.brokers).toEqual([address])
  await eventually(
    async () => {
      const report = await bridge.health('/readyz?verbose')
      expect(report).toContain(node.topic('p2p-events'))
      expect(report).toContain('does not exist: create it with `gossip-bridge topics create`')
    },
    { timeoutMs: 15_000 },
  )
  await createNodeTopics(node)
  await bridge.ready()
  expectOneLinePerChange(bridge)
  expect(await bridge.end('SIGTERM')).toMatchObject({ code: 0 })
})

/** How many pending announcements of subtrees a bridge has dropped, by its metric. */
async function lostOf(bridge: BridgeProcess): Promise<number> {
  return Number(/^bridge_pending_dropped_total\{.*type="subtree".*\} (\d+)$/m.exec(await bridge.health('/metrics'))?.[1])
}

/** The same by its log, a number for each line. */
function saidLostOf(bridge: BridgeProcess): number[] {
  const lines = bridge.logs().filter(({ msg }) => msg.startsWith('pending announcements were dropped'))
  return lines.map(({ records }) => (records as { subtree: number }).subtree)
}

test('what is announced while Kafka is away, and after, is all there, once', async () => {
  kafka ??= await startKafka({ port })
  const [broker] = kafka.nodes
  const [a, b] = await createTwoNodes()
  b.environment.KAFKA_BROKERS = address
  const small = await createNodeEnvironment({
    KAFKA_BROKERS: address,
    GOSSIP_PENDING_MAX_MESSAGES: `${SMALL_BUFFER}`,
    P2P_STATIC_PEERS: a.multiaddr,
  })
  await Promise.all([createNodeTopics(b), createNodeTopics(small)])
  const [bridgeA, bridgeB] = [startBridgeProcess(a.environment), startBridgeProcess(b.environment)]
  const bridgeSmall = startBridgeProcess(small.environment)
  await Promise.all([bridgeA.ready(), bridgeB.ready(), bridgeSmall.ready()])
  const [servicesOfA, servicesOfB] = [await createNodeServices(), await createNodeServices([address])]
  const announceA = (count: number) => servicesOfA.announceSubtrees(a.topic('blockchain-notifications'), count)
  const arrivedAt = async (node: typeof b) => (await tailTopic('subtrees', node.environment)).map(({ key }) => key).sort()

  const listeners = async () => /^bridge_gossip_subscribers\{.*-subtree".*\} (\d+)$/m.exec(await bridgeA.health('/metrics'))?.[1]
  await eventually(async () => expect(await listeners()).toBe('2'), { timeoutMs: 20_000 })
  const ofA = await announceA(20)
  await eventually(async () => expect(await arrivedAt(b)).toEqual([...ofA].sort()), { timeoutMs: 20_000 })
  await broker?.stop()
  const until = Date.now() + AWAY_AT_MOST_MS
  const notReady = new RegExp(`^503 [\\s\\S]*Kafka at ${address} does not answer`)
  while (Date.now() < until && !(ofA.length > 3 * SMALL_BUFFER && notReady.test(await bridgeB.health('/readyz')))) {
    ofA.push(...(await announceA(15)))
    await pause(500)
  }
  expect(await bridgeB.health('/readyz')).toMatch(notReady)
  expect(await bridgeB.health('/livez')).toBe('200 OK')
  // Judging goes on without Kafka; a full buffer keeps the newest announcements.
  const judged = () => bridgeSmall.metric('bridge_gossip_verdicts_total')
  await eventually(async () => expect(await judged()).toBeGreaterThanOrEqual(ofA.length), { timeoutMs: 10_000 })
  expect(await bridgeSmall.metric('bridge_pending_announcements')).toBe(SMALL_BUFFER)
  const lost = await lostOf(bridgeSmall)
  expect(lost).toBeGreaterThan(SMALL_BUFFER)
  await broker?.start()
  ofA.push(...(await announceA(20)))
  await bridgeB.ready()
  const ofB = await servicesOfB.announceSubtrees(b.topic('blockchain-notifications'), 20)

  await eventually(async () => expect(await arrivedAt(b)).toEqual([...ofA].sort()), { timeoutMs: 20_000, intervalMs: 250 })
  await eventually(async () => expect(await arrivedAt(a)).toEqual([...ofB].sort()), { timeoutMs: 20_000, intervalMs: 250 })
  const arrivedAtSmall = async () => (await arrivedAt(small)).filter((hash) => !ofB.includes(hash ?? ''))
  await eventually(
    async () => {
      const arrived = await arrivedAtSmall()
      expect(arrived).toEqual([...new Set(arrived)])
      expect(arrived).toHaveLength(ofA.length - (await lostOf(bridgeSmall)))
    },
    { timeoutMs: 20_000, intervalMs: 250 },
  )
  const inLog = (await tailTopic('p2p-events', b.environment)).filter(({ headers }) => headers.type === 'subtree')
  expect(inLog).toHaveLength(ofA.length + ofB.length)
  expectOneLinePerChange(bridgeB)
  expect(bridgeA.logs().filter(({ level }) => level === 'error')).toEqual([])

  expect(await bridgeSmall.end('SIGTERM')).toMatchObject({ code: 0 })
  const said = saidLostOf(bridgeSmall)
  expect(said.reduce((sum, count) => sum + count, 0)).toBeGreaterThanOrEqual(lost)
  expect(said.length).toBeLessThan(lost / 2)

  await broker?.kill()
  const { code, afterMs } = await bridgeB.end('SIGTERM')
  expect(code).toBe(0)
  expect(afterMs).toBeLessThan(granted(10_000))
})
