import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { freePorts } from '../../deploy/local/processes/free-ports.ts'
import { runBridge, startBridgeProcess } from '../support/bridge/bridge-process.ts'
import { createNodeEnvironment, createNodeTopics, createTwoNodes } from '../support/bridge/node-environment.ts'
import { createNodeServices } from '../support/bridge/node-services.ts'
import { eventually } from '../support/eventually.ts'
import { tailTopic } from '../support/stack/tail-topic.ts'

const ROUNDS = 10
const EACH_ROUND = 10
const APART_MS = 300_000
const WITHIN = { timeoutMs: 30_000, intervalMs: 250 }

const withClock = (shiftMs: number) => ({
  NODE_OPTIONS: `--import=${fileURLToPath(new URL('../fixtures/shift-clock.mjs', import.meta.url))}`,
  CLOCK_SHIFT_MS: `${shiftMs}`,
})

// The publisher's age limit is shorter than its clock is off: only by the broker's time are its notifications fresh.
test('with clocks five minutes ahead, behind and right, each announcement is in the log and in the topic once', async () => {
  const [a, b] = await createTwoNodes()
  const { environment: other } = await createNodeEnvironment()
  const { CLIENTNAME, BRIDGE_ID, TOPIC_PREFIX, P2P_STATIC_PEERS = '' } = b.environment
  await createNodeTopics(b)
  const services = await createNodeServices()
  const publisher = startBridgeProcess({ ...a.environment, ...withClock(APART_MS), OUTBOUND_MAX_AGE: '1m' })
  const ahead = startBridgeProcess({ ...b.environment, ...withClock(APART_MS) })
  const behind = startBridgeProcess({
    ...other,
    ...withClock(-APART_MS),
    CLIENTNAME: `${CLIENTNAME}`,
    BRIDGE_ID: `${BRIDGE_ID}`,
    TOPIC_PREFIX: `${TOPIC_PREFIX}`,
    P2P_STATIC_PEERS,
  })
  await Promise.all([publisher, ahead, behind].map((bridge) => bridge.ready()))
  const subscribers = (bridge: typeof ahead) => bridge.metric('bridge_gossip_subscribers')
  await eventually(async () => (await subscribers(ahead)) > 0 && (await subscribers(behind)) > 0, WITHIN)

  const hashes: string[] = []
  const arrived = async () => (await tailTopic('subtrees', b.environment)).map(({ key }) => key).sort()
  for (let round = 0; round < ROUNDS; round++) {
    hashes.push(...(await services.announceSubtrees(a.topic('blockchain-notifications'), EACH_ROUND)))
    await eventually(async () => expect(await arrived()).toEqual([...hashes].sort()), WITHIN)
  }
  const inLog = (await tailTopic('p2p-events', b.environment)).filter(({ headers }) => headers.type === 'subtree')
  expect(new Set(inLog.map(({ key }) => key)).size).toBe(hashes.length)
  // Two instances that both live may both write one, as their holder may be late: every reader drops the second.
  expect(inLog.length).toBeLessThan(hashes.length * 2)
  expect(await publisher.metric('bridge_flow_records_total')).toBeGreaterThan(0)
  expect(await publisher.health('/metrics')).not.toContain('outcome="too-old"')
  // To the one whose clock is behind, every record of the log is from the future, and it says so.
  expect(await behind.metric('bridge_timestamps_ahead_total')).toBeGreaterThan(0)
  expect(await ahead.metric('bridge_timestamps_ahead_total')).toBe(0)
})

const TWO_HOURS_MS = 7_200_000

// Without a database the clock of the event log's broker ends bans.
test.each([TWO_HOURS_MS, -TWO_HOURS_MS])(
  'without a database, a ban lasts as long as it should at an instance whose clock is off by %d ms',
  async (shiftMs) => {
    const [adminPort] = await freePorts(1)
    const admin = { ADMIN_LISTEN_ADDRESS: `127.0.0.1:${adminPort}`, ADMIN_API_KEY: 'a-key-that-only-this-test-knows' }
    const { environment: node } = await createNodeEnvironment(admin)
    await createNodeTopics({ environment: node })
    const isBanned = async (key: string) =>
      ((await (await fetch(`http://127.0.0.1:${adminPort}/v1/bans/${key}`)).json()) as { banned: boolean }).banned
    const add = (key: string, duration: string) => runBridge(['bans', 'add', key, '--duration', duration], node)

    const right = startBridgeProcess(node)
    await right.ready()
    expect((await add('203.0.113.7', '1h')).code).toBe(0)
    await eventually(async () => expect(await isBanned('203.0.113.7')).toBe(true), WITHIN)
    await right.end('SIGTERM')

    const wrong = startBridgeProcess({ ...node, ...withClock(shiftMs) })
    await wrong.ready()
    expect(await isBanned('203.0.113.7')).toBe(true)
    const adding = add('203.0.113.8', '4s') // it may end later than the ban
    await eventually(async () => expect(await isBanned('203.0.113.8')).toBe(true), { ...WITHIN, intervalMs: 50 })
    await eventually(async () => expect(await isBanned('203.0.113.8')).toBe(false), WITHIN)
    await adding
  },
)
