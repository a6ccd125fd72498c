import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, expect, test } from 'vitest'
import { freePorts } from '../../deploy/local/free-ports.ts'
import { type LocalKafka, startKafka } from '../../deploy/local/kafka.ts'
import { type BridgeProcess, startBridgeProcess } from '../support/bridge-process.ts'
import { eventually } from '../support/eventually.ts'
import { createNodeEnvironment, createNodeTopics, createTwoNodes } from '../support/node-environment.ts'
import { createNodeServices } from '../support/node-services.ts'
import { tailTopic } from '../support/tail-topic.ts'

/** With its stop and its start the broker is away for some 20 s. */
const AWAY_MS = 16_000

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
  const complaints = bridge.logs().filter(({ level }) => ['warn', 'error', 'fatal'].includes(level))
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
      const report = await bridge.health('/readyz')
      expect(report).toContain(node.topic('p2p-events'))
      expect(report).toContain('does not exist: make it with `gossip-bridge topics create`')
    },
    { timeoutMs: 15_000 },
  )
  await createNodeTopics(node)
  await bridge.ready()
  expectOneLinePerChange(bridge)
  expect(await bridge.end('SIGTERM')).toMatchObject({ code: 0 })
})

test('what is announced while Kafka is away for some 20 s, and after, is all there, once', async () => {
  kafka ??= await startKafka({ port })
  const [broker] = kafka.nodes
  const [a, b] = await createTwoNodes()
  b.environment.KAFKA_BROKERS = address
  await createNodeTopics(b)
  const [bridgeA, bridgeB] = [startBridgeProcess(a.environment), startBridgeProcess(b.environment)]
  await Promise.all([bridgeA.ready(), bridgeB.ready()])
  const [servicesOfA, servicesOfB] = [await createNodeServices(), await createNodeServices([address])]
  const announceA = (count: number) => servicesOfA.announceSubtrees(a.topic('blockchain-notifications'), count)
  const arrivedAt = async (node: typeof b) => (await tailTopic('subtrees', node.environment)).map(({ key }) => key).sort()

  const ofA = await announceA(20)
  await eventually(async () => expect(await arrivedAt(b)).toEqual([...ofA].sort()), { timeoutMs: 20_000 })
  await broker?.stop()
  const until = Date.now() + AWAY_MS
  while (Date.now() < until) {
    ofA.push(...(await announceA(5)))
    await pause(500)
  }
  expect(await bridgeB.health('/readyz')).toMatch(new RegExp(`^503 [\\s\\S]*Kafka at ${address} does not answer`))
  expect(await bridgeB.health('/livez')).toBe('200 OK')
  await broker?.start()
  ofA.push(...(await announceA(20)))
  await bridgeB.ready()
  const ofB = await servicesOfB.announceSubtrees(b.topic('blockchain-notifications'), 20)

  await eventually(async () => expect(await arrivedAt(b)).toEqual([...ofA].sort()), { timeoutMs: 20_000, intervalMs: 250 })
  await eventually(async () => expect(await arrivedAt(a)).toEqual([...ofB].sort()), { timeoutMs: 20_000, intervalMs: 250 })
  const inLog = (await tailTopic('p2p-events', b.environment)).filter(({ headers }) => headers.type === 'subtree')
  expect(inLog).toHaveLength(ofA.length + ofB.length)
  expectOneLinePerChange(bridgeB)
  expect(bridgeA.logs().filter(({ level }) => level === 'error')).toEqual([])

  await broker?.kill()
  const { code, afterMs } = await bridgeB.end('SIGTERM')
  expect(code).toBe(0)
  expect(afterMs).toBeLessThan(10_000)
})
