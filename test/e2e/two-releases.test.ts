import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import WebSocket from 'ws'
import { projectFile } from '../../deploy/local/programs/local-files.ts'
import { createPatchedBuild, type Patch, type PatchedBuild } from '../contract/harness/patched-build.ts'
import { type BridgeProcess, runBridge, startBridgeProcess } from '../support/bridge/bridge-process.ts'
import { createNodeEnvironment, createTwoNodes, type NodeEnvironment } from '../support/bridge/node-environment.ts'
import { createNodeServices } from '../support/bridge/node-services.ts'
import { eventually } from '../support/eventually.ts'
import { onEnd } from '../support/on-end.ts'
import { tailTopic } from '../support/stack/tail-topic.ts'

const EACH_WAY = 30

/** What a release adds that brings a kind of its own: CONTRIBUTING.md, "Adding a kind of message". */
const NEW_KIND: readonly Patch[] = [
  {
    file: 'messages/topics.js',
    replace: '    invalidBlocks: {',
    by: `    doubleSpends: { setting: 'double_spends', name: 'double-spends', holds: 'double spends', values: 'double spends',
      direction: 'in', groups: ['log', 'gossip'], partitions: 'many', keeps: 'records' },
    invalidBlocks: {`,
  },
  {
    file: 'messages/kinds.js',
    replace: `'rejected-tx': rejectedTx }`,
    by: `'rejected-tx': rejectedTx, 'double-spend': { ...rejectedTx, payload: 'doubleSpend',
      source: { ...rejectedTx.source, topic: 'doubleSpends' },
      gossip: { ...rejectedTx.gossip, setting: 'double_spend', suffix: 'double_spend' } } }`,
  },
]

const schemaText = (file: string) => readFileSync(projectFile('schemas', 'avro', file), 'utf8')

/** Both releases can read the next version of the event; the second one writes it, and has the schema of its new topic. */
function schemasOfRelease({ writesNext }: { writesNext: boolean }): Record<string, string> {
  const event = JSON.parse(schemaText('event.v1.avsc')) as { fields: { name: string; type: unknown }[] }
  const rejectedTx = event.fields.find(({ name }) => name === 'rejectedTx')
  if (!rejectedTx) throw new Error('event.v1.avsc has no rejectedTx')
  const [none, record] = rejectedTx.type as [string, object]
  const doubleSpend = { ...rejectedTx, name: 'doubleSpend', type: [none, { ...record, name: 'EventDoubleSpend' }] }
  const ids = JSON.parse(schemaText('ids.json')) as { id: number; role: string; write?: true }[]
  const next = { id: 1010, role: 'events', version: 2, file: 'event.v2.avsc', ...(writesNext ? { write: true } : {}) }
  const kept = ids.map(({ write, ...line }) => (line.role === 'events' && writesNext ? line : { ...line, write }))
  const newRole = { id: 1011, role: 'doubleSpends', version: 1, file: 'double-spend.v1.avsc', write: true }
  return {
    'avro/ids.json': JSON.stringify([...kept, next, ...(writesNext ? [newRole] : [])]),
    'avro/event.v2.avsc': JSON.stringify({ ...event, fields: [...event.fields, doubleSpend] }),
    'avro/double-spend.v1.avsc': schemaText('rejected-tx.v1.avsc').replace('"RejectedTx"', '"DoubleSpend"'),
  }
}

let reads: PatchedBuild
let writes: PatchedBuild

beforeAll(async () => {
  reads = await createPatchedBuild([], { schemas: schemasOfRelease({ writesNext: false }) })
  writes = await createPatchedBuild(NEW_KIND, { schemas: schemasOfRelease({ writesNext: true }) })
})
afterAll(() => Promise.all([reads.remove(), writes.remove()]))

/** One instance, with all that its browsers have been shown. */
interface Instance {
  readonly bridge: BridgeProcess
  /** Hashes and transaction ids, by the type of the event. */
  shown(type: string): Set<string>
}

async function startInstance(node: NodeEnvironment, program?: string): Promise<Instance> {
  const bridge = startBridgeProcess(node.environment, program)
  await bridge.ready()
  const shown = new Map<string, Set<string>>()
  const socket = new WebSocket(`${node.httpUrl.replace('http', 'ws')}/ws`, 'gossip-bridge.v1+json')
  onEnd(() => socket.terminate())
  socket.on('open', () => socket.send(JSON.stringify({ type: 'subscribe', last: 1000 })))
  socket.on('message', (text) => {
    const frame = JSON.parse(String(text)) as { type: string; data: { type: string } & Record<string, { hash?: string; txId?: string }> }
    if (frame.type !== 'event') return
    const { subtree, doubleSpend } = frame.data
    const id = subtree?.hash ?? doubleSpend?.txId
    if (id) shown.set(frame.data.type, (shown.get(frame.data.type) ?? new Set()).add(id))
  })
  return { bridge, shown: (type) => shown.get(type) ?? new Set() }
}

/** A second instance of the same bridge, on ports and with a key of its own. */
async function siblingOf({ environment, ...node }: NodeEnvironment): Promise<NodeEnvironment> {
  const { CLIENTNAME = '', BRIDGE_ID = '', TOPIC_PREFIX = '', P2P_STATIC_PEERS = '' } = environment
  const own = await createNodeEnvironment({ CLIENTNAME, BRIDGE_ID, TOPIC_PREFIX, P2P_STATIC_PEERS })
  return { ...own, topic: node.topic }
}

async function sampleOf(bridge: BridgeProcess, pattern: RegExp): Promise<number> {
  return Number(pattern.exec(await bridge.health('/metrics'))?.[1] ?? 0)
}

/** Two instances of one bridge, each of its own release, a peer of another node, and announcements of both nodes. */
async function runSideBySide(older: string | undefined, newer: string) {
  const [a, b] = await createTwoNodes()
  expect(await runBridge(['topics', 'create'], a.environment, newer)).toMatchObject({ code: 0 })
  const services = await createNodeServices()
  const peer = await startInstance(b, newer)
  const before = await startInstance(a, older)
  const after = await startInstance(await siblingOf(a), newer)
  const announce = async () => {
    const own = await services.announceSubtrees(a.topic('blockchain-notifications'), EACH_WAY)
    return [...own, ...(await services.announceSubtrees(b.topic('blockchain-notifications'), EACH_WAY))].sort()
  }
  /** Neither says that the other is a stranger, nothing is put aside, and both are ready. */
  const getOnWellTogether = async () => {
    expect(await tailTopic('p2p-dead-letters', a.environment)).toEqual([])
    for (const { bridge } of [before, after]) {
      expect(await bridge.health('/readyz')).toMatch(/^200 /)
      expect(await bridge.metric('bridge_group_foreign_members')).toBe(0)
      expect(bridge.logs().filter(({ level }) => level === 'error')).toEqual([])
    }
  }
  return { a, services, peer, before, after, announce, getOnWellTogether }
}

const sorted = (hashes: ReadonlySet<string>) => [...hashes].sort()
const WITHIN = { timeoutMs: 30_000, intervalMs: 200 }

test('a release that reads the next version of the event, and one that does not know it yet, work side by side', async () => {
  const { before, after, announce, getOnWellTogether } = await runSideBySide(undefined, reads.program)
  const announced = await announce()
  for (const { shown } of [before, after]) await eventually(() => expect(sorted(shown('subtree'))).toEqual(announced), WITHIN)
  await getOnWellTogether()
})

test('a release that writes the next version and brings a kind and a topic, and the one before it, work side by side', async () => {
  const { a, services, peer, before, after, announce, getOnWellTogether } = await runSideBySide(reads.program, writes.program)
  const announced = await announce()
  for (const { shown } of [before, after]) await eventually(() => expect(sorted(shown('subtree'))).toEqual(announced), WITHIN)
  const txIds = Array.from({ length: EACH_WAY }, () => randomBytes(32).toString('hex')).sort()
  const doubleSpends = txIds.map((txHash) => ({ key: txHash, value: JSON.stringify({ txHash, reason: 'spent twice', peerId: null }) }))
  await services.produce(a.topic('double-spends'), ...doubleSpends)
  // From its topic to the own browsers, and by gossip to those of another node.
  for (const { shown } of [after, peer]) await eventually(() => expect(sorted(shown('double-spend'))).toEqual(txIds), WITHIN)
  // The release before passes over what it does not know, counts it, and shows what comes then.
  const more = await announce()
  await eventually(() => expect(sorted(before.shown('subtree'))).toEqual([...announced, ...more].sort()), WITHIN)
  const passedOver = await sampleOf(before.bridge, /^bridge_flow_records_total\{flow="read-event-log",outcome="unknown-type"\} (\d+)$/m)
  expect(passedOver).toBe(EACH_WAY)
  await getOnWellTogether()
})

test('a release that was left out makes an older one blind for the new records, and stops it nowhere', async () => {
  const { before, after, announce, getOnWellTogether } = await runSideBySide(undefined, writes.program)
  const announced = await announce()
  await eventually(() => expect(sorted(after.shown('subtree'))).toEqual(announced), WITHIN)
  await getOnWellTogether()
  const unreadable = await sampleOf(before.bridge, /^bridge_flow_records_total\{flow="read-event-log",outcome="unreadable"\} (\d+)$/m)
  expect(unreadable).toBeGreaterThan(0)
})
