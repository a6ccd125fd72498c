import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { runKafkaTool } from '../../deploy/local/kafka/tool.ts'
import { runBridge, startBridgeProcess } from '../support/bridge/bridge-process.ts'
import { createTwoNodes, type NodeEnvironment } from '../support/bridge/node-environment.ts'
import { eventually } from '../support/eventually.ts'
import { granted } from '../support/granted.ts'
import { createDatabase } from '../support/stack/create-database.ts'
import { foreignPython } from '../support/stack/foreign-client.ts'
import { kafkaBrokers } from '../support/stack/shared-stack.ts'
import { type TailedRecord, tailTopic } from '../support/stack/tail-topic.ts'

const FOREIGN_CONSUMER = fileURLToPath(new URL('../fixtures/avro/foreign_consumer.py', import.meta.url))
/** How many records of a topic are looked at. */
const SHOWN = 5
const server = ['--bootstrap-server', kafkaBrokers().join(',')]

// Two nodes of a network whose services have mined for a moment: what an operator finds when opening the tools.
const [a, b] = await createTwoNodes({ BANLIST_DB: await createDatabase() })
const bridges = new Map([a, b].map((node) => [node, startBridgeProcess(node.environment)]))
await Promise.all([...bridges.values()].map((bridge) => bridge.ready()))
do await simulate('--for', '2', '--blocks-per-second', '15', '--subtrees-per-second', '10')
while (!(await hasMuchArrived())) // a busy machine simulates little in two seconds

async function simulate(...flags: string[]): Promise<void> {
  const nodes = ['--node', `${a.name}.`, '--node', `${b.name}.`]
  expect(await runBridge(['simulate', ...nodes, ...flags], a.environment)).toMatchObject({ code: 0 })
}

/** Whether the second node's services have enough to show. */
async function hasMuchArrived(): Promise<boolean> {
  const records = await Promise.all(['blocks', 'subtrees'].map((topic) => tailTopic(topic, b.environment)))
  return records.every(({ length }) => length >= SHOWN)
}

/** How many peers the second node's bridge has. */
const peers = async () => await bridges.get(b)?.metric('bridge_gossip_peers')

interface Lag {
  readonly group: string
  readonly topic: string
  readonly partition: string
  readonly end: string
  readonly lag: string
}

/** What `kafka-consumer-groups --describe` says of partitions that have records. */
async function lags(node: NodeEnvironment): Promise<Lag[]> {
  const groups = ['log', 'gossip'].flatMap((name) => ['--group', `${node.name}.${name}`])
  const { stdout } = await runKafkaTool('consumer-groups', [...server, '--describe', ...groups])
  const rows = stdout.split('\n').map((line) => line.trim().split(/\s+/))
  return rows.flatMap(([group = '', topic = '', partition = '', , end = '', lag = '']) =>
    topic.startsWith(node.name) && end !== '0' ? [{ group, topic, partition, end, lag }] : [],
  )
}

test('kafka-consumer-groups shows the lag of each flow, and none once everything has arrived', async () => {
  for (const node of [a, b]) {
    const rows = await eventually(
      async () => {
        const found = await lags(node)
        expect(found.filter(({ lag }) => lag !== '0')).toEqual([])
        expect(found.length).toBeGreaterThan(4)
        return found
      },
      { timeoutMs: 30_000 },
    )
    const places = rows.map(({ group, topic }) => `${group} ${topic}`)
    for (const group of ['log', 'gossip']) expect(places).toContain(`${node.name}.${group} ${node.topic('blockchain-notifications')}`)
    expect(places).toContain(`${node.name}.log ${node.topic('p2p-events')}`)
  }
})

test.each([
  ['blocks', /^[0-9a-f]{64}$/, 'block'],
  ['subtrees', /^[0-9a-f]{64}$/, 'subtree'],
  ['p2p-events', /^[0-9a-f]{32}$/, '(?:block|subtree|mining-on|rejected-tx|instance)'],
])('kafka-console-consumer shows readable keys and headers in %s', async (topic, key, type) => {
  const properties = ['print.key=true', 'print.headers=true', 'print.value=false'].flatMap((property) => ['--property', property])
  const { stdout } = await runKafkaTool('console-consumer', [
    ...server,
    ...['--topic', b.topic(topic), '--from-beginning', '--max-messages', `${SHOWN}`],
    ...properties,
  ])
  const lines = stdout.trimEnd().split('\n')
  expect(lines).toHaveLength(SHOWN)
  for (const line of lines) {
    const [headers = '', name = ''] = line.split('\t')
    expect(name).toMatch(key)
    expect(headers).toMatch(new RegExp(`(^|,)type:${type}(,|$)`))
    expect(headers).toMatch(/(^|,)schema:\w+:\d+(,|$)/)
    expect(headers).toMatch(/(^|,)network:regtest(,|$)/)
    expect(headers).toMatch(/(^|,)received-at:\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z(,|$)/)
    expect(headers).toContain(`bridge-id:${b.name}`)
    if (topic !== 'p2p-events') expect(headers).toContain(`peer-id:${a.peerId}`)
  }
})

test('a foreign Avro client decodes the log with nothing but the embedded registry', async () => {
  const expected = await tailTopic('p2p-events', b.environment)
  const python = await foreignPython()
  const registry = `${b.healthUrl}/schema-registry`
  const { stdout } = await promisify(execFile)(python, [FOREIGN_CONSUMER, kafkaBrokers().join(','), b.topic('p2p-events'), registry], {
    timeout: 120_000,
    maxBuffer: 64 << 20,
  })
  const records = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { key: string; value: { id: string; type: string; block: unknown } })
  expect(records.length).toBeGreaterThanOrEqual(expected.length)
  for (const [index, { key, headers, value }] of expected.entries()) {
    const record = records[index]
    expect(record?.key).toBe(key)
    expect(record?.value).toMatchObject({ id: key, type: headers.type, network: 'regtest', bridgeId: b.name })
    expect(record?.value.block ?? undefined).toEqual((value as { block?: unknown }).block)
  }
})

test('`bans` adds, lists, checks and lifts entries that the running bridge then enforces', async () => {
  const bans = (...words: string[]) => runBridge(['bans', ...words], b.environment)
  await eventually(async () => expect(await peers()).toBe(1), { timeoutMs: 15_000 })
  const added = await bans('add', a.peerId, '--duration', '1h', '--reason', 'a test')
  expect(added).toMatchObject({ code: 0, stderr: '', stdout: expect.stringMatching(/^12D3\w+ is banned until .*because "a test"/) })
  await eventually(async () => expect(await peers()).toBe(0))
  const listed = new RegExp(`^${a.peerId} until .*because "a test"\n$`)
  await eventually(async () => expect((await bans('list')).stdout).toMatch(listed), { intervalMs: 250 })
  const lifted = await bans('remove', a.peerId)
  expect(lifted).toMatchObject({ code: 0, stderr: '', stdout: `${a.peerId} is no longer banned.\n` })

  expect(await bans('add', '192.0.2.0/24')).toMatchObject({ code: 0, stderr: '' })
  const covered = /^192\.0\.2\.77 is banned by 192\.0\.2\.0\/24 until /
  await eventually(async () => expect((await bans('check', '192.0.2.77')).stdout).toMatch(covered), { intervalMs: 250 })
  expect((await bans('check', '198.51.100.1')).stdout).toBe('198.51.100.1 is not banned\n')
  expect(await bans('clear', '--yes')).toMatchObject({ code: 0, stderr: '' })
  expect(banEvents(await tailTopic('p2p-events', b.environment))).toEqual([
    ['add', a.peerId],
    ['remove', a.peerId],
    ['add', '192.0.2.0/24'],
    ['clear', ''],
  ])
})

test('a ban from kafka-console-producer cuts the connection within two seconds, and holds after a restart', async () => {
  await eventually(async () => expect(await peers()).toBe(1), { timeoutMs: 15_000 })
  const command = JSON.stringify({ action: 'add', key: a.peerId, durationSeconds: 3600, reason: 'from the console' })
  const producer = ['--topic', b.topic('ban-commands'), '--property', 'parse.key=true', '--property', 'key.separator=|']
  const produced = runKafkaTool('console-producer', [...server, ...producer], { input: `${a.peerId}|${command}\n` })
  await eventually(async () => expect(await peers()).toBe(0), { timeoutMs: 15_000 })
  const cutAt = Date.now()
  expect(await produced).toMatchObject({ code: 0 })
  const record = (await tailTopic('ban-commands', b.environment)).at(-1)
  expect(cutAt - Date.parse(record?.time ?? '')).toBeLessThan(granted(2000))

  expect(await bridges.get(b)?.end('SIGTERM')).toMatchObject({ code: 0 })
  const again = startBridgeProcess(b.environment)
  await again.ready()
  await eventually(async () => expect(await again.metric('bridge_gossip_banned_connections_total')).toBeGreaterThan(0), {
    timeoutMs: 15_000,
  })
  expect(await again.metric('bridge_gossip_peers')).toBe(0)
})

function banEvents(records: TailedRecord[]): unknown[] {
  return records.flatMap(({ headers, value }) => {
    const { ban } = value as { ban?: { action: string; key: string } }
    return headers.type === 'ban' ? [[ban?.action, ban?.key]] : []
  })
}
