import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import WebSocket from 'ws'
import { projectFile } from '../../deploy/local/programs/local-files.ts'
import { createPatchedBuild, type PatchedBuild } from '../contract/harness/patched-build.ts'
import { type BridgeProcess, runBridge, startBridgeProcess } from '../support/bridge/bridge-process.ts'
import { createNodeEnvironment, createTwoNodes, type NodeEnvironment } from '../support/bridge/node-environment.ts'
import { createNodeServices } from '../support/bridge/node-services.ts'
import { eventually } from '../support/eventually.ts'
import { onEnd } from '../support/on-end.ts'
import { tailTopic } from '../support/stack/tail-topic.ts'

const EACH_WAY = 30

const schemaText = (file: string) => readFileSync(projectFile('schemas', 'avro', file), 'utf8')

/** Both releases can read the next version of the event, which has a field more; the second one writes it. */
function schemasOfRelease({ writesNext }: { writesNext: boolean }): Record<string, string> {
  const event = JSON.parse(schemaText('event.v1.avsc')) as { fields: { name: string; type: unknown }[] }
  const rejectedTx = event.fields.find(({ name }) => name === 'rejectedTx')
  if (!rejectedTx) throw new Error('event.v1.avsc has no rejectedTx')
  const [none, record] = rejectedTx.type as [string, object]
  const doubleSpend = { ...rejectedTx, name: 'doubleSpend', type: [none, { ...record, name: 'EventDoubleSpend' }] }
  const ids = JSON.parse(schemaText('ids.json')) as { id: number; role: string; write?: true }[]
  const next = { id: 1010, role: 'events', version: 2, file: 'event.v2.avsc', ...(writesNext ? { write: true } : {}) }
  const kept = ids.map(({ write, ...line }) => (line.role === 'events' && writesNext ? line : { ...line, write }))
  return {
    'avro/ids.json': JSON.stringify([...kept, next]),
    'avro/event.v2.avsc': JSON.stringify({ ...event, fields: [...event.fields, doubleSpend] }),
  }
}

let reads: PatchedBuild
let writes: PatchedBuild

beforeAll(async () => {
  reads = await createPatchedBuild([], { schemas: schemasOfRelease({ writesNext: false }) })
  writes = await createPatchedBuild([], { schemas: schemasOfRelease({ writesNext: true }) })
})
afterAll(() => Promise.all([reads.remove(), writes.remove()]))

/** One instance, with all that its browsers have been shown. */
interface Instance {
  readonly bridge: BridgeProcess
  /** Hashes of the subtrees. */
  readonly shown: ReadonlySet<string>
}

async function startInstance(node: NodeEnvironment, program?: string): Promise<Instance> {
  const bridge = startBridgeProcess(node.environment, program)
  await bridge.ready()
  const shown = new Set<string>()
  const socket = new WebSocket(`${node.httpUrl.replace('http', 'ws')}/ws`, 'gossip-bridge.v1+json')
  onEnd(() => socket.terminate())
  socket.on('open', () => socket.send(JSON.stringify({ type: 'subscribe', last: 1000 })))
  socket.on('message', (text) => {
    const frame = JSON.parse(String(text)) as { type: string; data?: { subtree?: { hash: string } } }
    if (frame.data?.subtree) shown.add(frame.data.subtree.hash)
  })
  return { bridge, shown }
}

/** A second instance of the same bridge, on ports and with a key of its own. */
async function siblingOf({ environment, ...node }: NodeEnvironment): Promise<NodeEnvironment> {
  const { CLIENTNAME = '', BRIDGE_ID = '', TOPIC_PREFIX = '', P2P_STATIC_PEERS = '' } = environment
  const own = await createNodeEnvironment({ CLIENTNAME, BRIDGE_ID, TOPIC_PREFIX, P2P_STATIC_PEERS })
  return { ...own, topic: node.topic }
}

/** Two instances of one bridge, each of its own release, a peer of another node, and announcements of both nodes. */
async function runSideBySide(older: string | undefined, newer: string) {
  const [a, b] = await createTwoNodes()
  for (const { environment } of [a, b]) expect(await runBridge(['topics', 'create'], environment, newer)).toMatchObject({ code: 0 })
  const services = await createNodeServices()
  await startInstance(b, newer)
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
  return { before, after, announce, getOnWellTogether }
}

const sorted = (hashes: ReadonlySet<string>) => [...hashes].sort()
const WITHIN = { timeoutMs: 30_000, intervalMs: 200 }

test.each([
  ['reads the next version of the event', 'does not know it yet', () => ({ older: undefined, newer: reads })],
  ['writes the next version of the event', 'only reads it', () => ({ older: reads, newer: writes })],
])('a release that %s and one that %s work side by side', async (_newer, _older, releases) => {
  const { older, newer } = releases()
  const { before, after, announce, getOnWellTogether } = await runSideBySide(older?.program, newer.program)
  const announced = await announce()
  for (const { shown } of [before, after]) await eventually(() => expect(sorted(shown)).toEqual(announced), WITHIN)
  await getOnWellTogether()
})
