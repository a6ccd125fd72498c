import { afterAll, beforeAll, expect, test } from 'vitest'
import WebSocket from 'ws'
import type { PatchedBuild } from '../contract/harness/patched-build.ts'
import { type BridgeProcess, runBridge, startBridgeProcess } from '../support/bridge/bridge-process.ts'
import { createNodeEnvironment, createTwoNodes, type NodeEnvironment } from '../support/bridge/node-environment.ts'
import { createNodeServices, type NodeServices } from '../support/bridge/node-services.ts'
import {
  releaseThatReadsNextEvent,
  releaseThatWritesNextEvent,
  releaseWithAssignerOfKafkajs,
  releaseWithDoubleSpends,
} from '../support/bridge/other-releases.ts'
import { eventually } from '../support/eventually.ts'
import { onEnd } from '../support/on-end.ts'
import { tailTopic } from '../support/stack/tail-topic.ts'

const EACH_WAY = 30

let reads: PatchedBuild
let writes: PatchedBuild
let addsKind: PatchedBuild
let beforeAssigner: PatchedBuild

beforeAll(async () => {
  reads = await releaseThatReadsNextEvent()
  writes = await releaseThatWritesNextEvent()
  addsKind = await releaseWithDoubleSpends()
  beforeAssigner = await releaseWithAssignerOfKafkajs()
})
afterAll(() => Promise.all([reads, writes, addsKind, beforeAssigner].map((build) => build.remove())))

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

/** Two instances of one bridge, each of its own release, the first of which leads its groups, and an instance of another node. */
async function runSideBySide(first: string | undefined, second: string | undefined, newer: string) {
  const [a, b] = await createTwoNodes()
  for (const { environment } of [a, b]) expect(await runBridge(['topics', 'create'], environment, newer)).toMatchObject({ code: 0 })
  const services = await createNodeServices()
  await startInstance(b, newer)
  const before = await startInstance(a, first)
  const after = await startInstance(await siblingOf(a), second)
  /** Announcements of both nodes. */
  const announce = async (send: NodeServices['announceSubtrees'], topic: string) =>
    [...(await send(a.topic(topic), EACH_WAY)), ...(await send(b.topic(topic), EACH_WAY))].sort()
  /** Neither says that the other is a stranger, nothing is put aside, and both are ready. */
  const getOnWellTogether = async () => {
    expect(await tailTopic('p2p-dead-letters', a.environment)).toEqual([])
    for (const { bridge } of [before, after]) {
      await bridge.ready()
      expect(await bridge.metric('bridge_group_foreign_members')).toBe(0)
      expect(bridge.logs().filter(({ level }) => level === 'error')).toEqual([])
    }
  }
  return { a, b, before, after, services, announce, getOnWellTogether }
}

const sorted = (hashes: ReadonlySet<string>) => [...hashes].sort()
const WITHIN = { timeoutMs: 30_000, intervalMs: 200 }

test.each([
  ['reads the next version of the event', 'does not know it yet', () => ({ older: undefined, newer: reads })],
  ['writes the next version of the event', 'only reads it', () => ({ older: reads, newer: writes })],
])('a release that %s and one that %s work side by side', async (_newer, _older, releases) => {
  const { older, newer } = releases()
  const { before, after, services, announce, getOnWellTogether } = await runSideBySide(older?.program, newer.program, newer.program)
  const announced = await announce(services.announceSubtrees, 'blockchain-notifications')
  for (const { shown } of [before, after]) await eventually(() => expect(sorted(shown)).toEqual(announced), WITHIN)
  await getOnWellTogether()
})

/**
 * Hashes in the event log of a node, of each kind, sorted. A hash counts once: an entry may be repeated, and
 * two instances may announce it, each a signer of its own, when the groups rebalance.
 */
async function eventLogOf({ environment }: NodeEnvironment) {
  const records = await tailTopic('p2p-events', environment, addsKind.program)
  const entries = records.map(({ value }) => value as LoggedEvent)
  const hashesOf = (type: string, hash: (event: LoggedEvent) => string | undefined) =>
    [...new Set(entries.flatMap((event) => (event.type === type ? (hash(event) ?? 'none') : [])))].sort()
  return {
    subtrees: hashesOf('subtree', ({ subtree }) => subtree?.hash),
    rejected: hashesOf('rejected-tx', ({ rejectedTx }) => rejectedTx?.txId),
    doubleSpends: hashesOf('double-spend', ({ doubleSpend }) => doubleSpend?.txId),
  }
}

interface LoggedEvent {
  readonly type: string
  readonly subtree?: { readonly hash: string }
  readonly rejectedTx?: { readonly txId: string }
  readonly doubleSpend?: { readonly txId: string }
}

test.each([
  ['the older one leads the groups', () => [reads, addsKind]],
  ['the newer one leads the groups, and the older one still has the assigner of kafkajs', () => [addsKind, beforeAssigner]],
])('a release with one topic more works beside one without it: %s', async (_order, releases) => {
  const [first, second] = releases()
  const { a, b, services, announce, getOnWellTogether } = await runSideBySide(first?.program, second?.program, addsKind.program)
  const announced = {
    subtrees: await announce(services.announceSubtrees, 'blockchain-notifications'),
    rejected: await announce(services.rejectTransactions, 'rejectedtx'),
    doubleSpends: await announce(services.rejectTransactions, 'double-spends'),
  }
  for (const node of [a, b]) await eventually(async () => expect(await eventLogOf(node)).toEqual(announced), WITHIN)
  await getOnWellTogether()
})

test('while a release with the assigner of kafkajs leads, the records of a new topic wait, and are read when it has stopped', async () => {
  const { a, b, before, after, services, announce, getOnWellTogether } = await runSideBySide(
    beforeAssigner.program,
    addsKind.program,
    addsKind.program,
  )
  const waiting = await services.rejectTransactions(a.topic('double-spends'), EACH_WAY)
  const announced = {
    subtrees: await announce(services.announceSubtrees, 'blockchain-notifications'),
    rejected: await announce(services.rejectTransactions, 'rejectedtx'),
    doubleSpends: await services.rejectTransactions(b.topic('double-spends'), EACH_WAY), // by gossip, which needs no group
  }
  announced.doubleSpends.sort()
  await eventually(async () => expect(await eventLogOf(a)).toEqual(announced), WITHIN)
  await getOnWellTogether()
  const warning = {
    group: `${a.name}.log`,
    topics: [a.topic('double-spends')],
    msg: expect.stringMatching(/^nobody reads all of these topics/),
  }
  await eventually(() => expect(after.bridge.logs()).toContainEqual(expect.objectContaining(warning)))
  await before.bridge.end('SIGTERM')
  const all = { ...announced, doubleSpends: [...announced.doubleSpends, ...waiting].sort() }
  for (const node of [a, b]) await eventually(async () => expect(await eventLogOf(node)).toEqual(all), WITHIN)
})
