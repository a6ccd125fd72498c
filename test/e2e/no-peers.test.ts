import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { runKafkaTool } from '../../deploy/local/kafka/tool.ts'
import { type BridgeProcess, startBridgeProcess } from '../support/bridge/bridge-process.ts'
import { createTwoNodes, type NodeEnvironment } from '../support/bridge/node-environment.ts'
import { createNodeServices, type ProducedRecord } from '../support/bridge/node-services.ts'
import { eventually } from '../support/eventually.ts'
import { kafkaBrokers } from '../support/stack/shared-stack.ts'
import { tailTopic } from '../support/stack/tail-topic.ts'

const OLD_RECORDS = 24_000
/** Together 190 MiB. The log's own flow reads them meanwhile, which costs passing memory: measured were 60 to 95 MiB for half of them. */
const OLD_BYTES = 8192
const MOST_GROWTH_BYTES = 150 << 20
const YOUNG_SUBTREES = 600
const YOUNG_REJECTIONS = 120
const RATE = 200
const BURST = 30
const TWO_HOURS_MS = 7_200_000

const newHash = () => randomBytes(32).toString('hex')
const hoursAgo = () => ({ timestamp: `${Date.now() - TWO_HOURS_MS}` })

function rejection(reason: string): ProducedRecord {
  const txHash = newHash()
  return { key: txHash, value: JSON.stringify({ txHash, reason, peerId: null }) }
}

function block(height: number): ProducedRecord {
  const hash = newHash()
  return { key: hash, value: JSON.stringify({ type: 'Block', hash, height }), ...hoursAgo() }
}

/** What waits for a group by the bridge's own figures. */
async function shownLag(bridge: BridgeProcess, group: string): Promise<number> {
  const lines = [...(await bridge.health('/metrics')).matchAll(/^bridge_group_lag_records\{group="([^"]+)".*\} (\d+)$/gm)]
  return lines.filter(([, name]) => name === group).reduce((sum, [, , lag]) => sum + Number(lag), 0)
}

/** The same by Kafka's own tool; NaN where it does not say. */
async function toldLag(group: string): Promise<number> {
  const { stdout } = await runKafkaTool('consumer-groups', ['--bootstrap-server', kafkaBrokers().join(','), '--describe', '--group', group])
  const lags = stdout.split('\n').flatMap((line) => (line.trim().startsWith(group) ? [Number(line.trim().split(/\s+/)[5])] : []))
  return lags.length === 0 ? Number.NaN : lags.reduce((sum, lag) => sum + lag, 0)
}

async function heardBy(node: NodeEnvironment) {
  const records = (await tailTopic('p2p-events', node.environment)).filter(({ headers }) => headers.type !== 'instance')
  return records.map(({ headers, value, time }) => {
    const event = value as { block?: { height: number }; subtree?: { hash: string }; rejectedTx?: { txId: string } }
    return { type: headers.type, at: Date.parse(time), height: event.block?.height, hash: event.subtree?.hash ?? event.rejectedTx?.txId }
  })
}

/** Kafka takes batches of 1 MiB. */
async function produceMany(produce: (...records: ProducedRecord[]) => Promise<void>, count: number): Promise<void> {
  const reason = 'x'.repeat(OLD_BYTES)
  for (let sent = 0; sent < count; sent += 100)
    await produce(...Array.from({ length: 100 }, () => ({ ...rejection(reason), ...hoursAgo() })))
}

test('with no peer all waits in Kafka, visibly and outside of memory; when one comes, what is young enough goes out, paced, the important first', async () => {
  const [a, b] = await createTwoNodes()
  const [bridge, first] = [startBridgeProcess(a.environment), startBridgeProcess(b.environment)]
  await Promise.all([bridge.ready(), first.ready()])
  const services = await createNodeServices()
  const [notifications, rejections] = [a.topic('blockchain-notifications'), a.topic('rejectedtx')]
  const [greeting] = await services.announceSubtrees(notifications, 1)
  await eventually(async () => expect((await heardBy(b)).map(({ hash }) => hash)).toEqual([greeting]), { timeoutMs: 20_000 })
  expect(await first.end('SIGTERM')).toMatchObject({ code: 0 })
  await eventually(async () => expect(await bridge.health('/readyz?verbose')).toMatch(/^200 [\s\S]*group gossip: not a member: no peer/), {
    timeoutMs: 30_000,
  })

  const memory = () => bridge.metric('process_resident_memory_bytes')
  const before = await memory()
  const young = Array.from({ length: YOUNG_REJECTIONS }, () => rejection('young'))
  await services.produce(rejections, ...young)
  const subtrees = await services.announceSubtrees(notifications, YOUNG_SUBTREES)
  await services.produce(notifications, block(1), block(2), block(3))
  await produceMany((...records) => services.produce(rejections, ...records), OLD_RECORDS)

  const waiting = OLD_RECORDS + 3 + YOUNG_SUBTREES + YOUNG_REJECTIONS
  const [logGroup, gossipGroup] = [`${a.name}.log`, `${a.name}.gossip`]
  await eventually(async () => expect(await shownLag(bridge, gossipGroup)).toBe(waiting), { timeoutMs: 30_000 })
  await eventually(async () => expect(await shownLag(bridge, logGroup)).toBe(0), { timeoutMs: 60_000 })
  await eventually(async () => expect(await toldLag(gossipGroup)).toBe(waiting), { timeoutMs: 30_000, intervalMs: 500 })
  await eventually(async () => expect((await memory()) - before).toBeLessThan(MOST_GROWTH_BYTES), { timeoutMs: 20_000 })

  const second = startBridgeProcess(b.environment)
  await second.ready()
  const expected = [greeting, ...subtrees, ...young.map(({ key }) => key)].sort()
  const heard = await eventually(
    async () => {
      const events = await heardBy(b)
      expect(events.flatMap(({ hash }) => hash ?? []).sort()).toEqual(expected)
      expect(events.flatMap(({ height }) => height ?? [])).toEqual([3])
      return events
    },
    { timeoutMs: 60_000, intervalMs: 500 },
  )
  const sent = heard.filter(({ type, hash }) => type === 'subtree' && hash !== greeting)
  const tookMs = (sent.at(-1)?.at ?? 0) - (sent[0]?.at ?? 0)
  expect(tookMs).toBeGreaterThan((((YOUNG_SUBTREES - BURST) / RATE) * 1000) / 2)
  const place = (event: (typeof heard)[number] | undefined) => heard.findIndex(({ hash }) => hash === event?.hash)
  // Once the first subtree is out, those that wait behind it go before any rejection.
  const between = heard.slice(place(sent[0]), place(sent[YOUNG_SUBTREES * 0.8]))
  expect(between.filter(({ type }) => type === 'rejected-tx').length).toBeLessThan(YOUNG_REJECTIONS / 2)

  await eventually(async () => expect(await shownLag(bridge, gossipGroup)).toBe(0), { timeoutMs: 60_000 })
  const tooOld = /bridge_flow_records_total\{flow="kafka-to-gossip",outcome="too-old"\} (\d+)/.exec(await bridge.health('/metrics'))?.[1]
  expect(Number(tooOld)).toBe(OLD_RECORDS + 2)
  expect(await bridge.end('SIGTERM')).toMatchObject({ code: 0 })
  const told = bridge.logs().filter(({ msg }) => msg.startsWith('notifications of the own node are older than outbound_max_age'))
  const counts = told.map(({ records }) => records as Record<string, number>)
  expect(counts.reduce((sum, kinds) => sum + Object.values(kinds).reduce((one, count) => one + count, 0), 0)).toBe(OLD_RECORDS + 2)
  expect(told.length).toBeLessThan(OLD_RECORDS / 100)
})
