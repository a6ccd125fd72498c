import { multiaddr } from '@multiformats/multiaddr'
import { startPostgres } from '../../deploy/local/postgres/postgres.ts'
import type { GossipNode } from '../../src/gossip/node/node.ts'
import { startBareNode } from '../support/bare-node.ts'
import type { Bench, BenchContext } from '../support/bench.ts'
import { type BenchNode, createNode, siblingOf, startBridge } from '../support/bridge.ts'
import { type Command, createBanTopic } from '../support/kafka/ban-topic.ts'
import { median, percentile } from '../support/measure/numbers.ts'
import { runs } from '../support/runs.ts'
import { scrape } from '../support/scrape.ts'
import { until } from '../support/until.ts'

const COMMANDS = 1000
const COMMANDS_WITHIN_MS = 60_000
const INSTANCES = 3
const BANS = 20 * runs(5)
const ENFORCED_WITHIN_MS = 5000

export const banCommands: Bench = {
  name: 'ban-commands',
  title: `${COMMANDS} ban commands in one produce, with Postgres near`,
  doesNotProve: 'what a distant Postgres costs: each command is a transaction of four round trips, one after the other',
  async run(context) {
    const { node, url } = await createNodeWithDatabase(context)
    await startBridge(node, { BANLIST_DB: url }, context)
    const give = await createBanTopic(node, context)
    const times: number[] = []
    for (let run = 0; run < runs(3); run++) {
      const before = await handled(node)
      const startedAt = performance.now()
      await give(addsAndRemoves(run))
      await until(async () => (await handled(node)) - before >= COMMANDS, { everyMs: 250, withinMs: COMMANDS_WITHIN_MS }) // each look at the metrics costs milliseconds
      times.push((performance.now() - startedAt) / 1000)
      context.say(`run ${run + 1}: ${times.at(-1)?.toFixed(2)} s`)
      const entries = await sampleOf(node, 'bridge_ban_entries')
      // Of three commands each, add, remove, add: one ban stays if they were applied in order.
      if (entries !== Math.ceil(COMMANDS / 3) * (run + 1)) throw new Error(`${entries} bans are in force: the order was not kept`)
    }
    return [
      {
        what: `${COMMANDS} commands applied in order`,
        measured: median(times),
        unit: 's',
        target: { of: 'measured', bound: 'at most', value: 10 },
      },
    ]
  },
}

export const banEnforced: Bench = {
  name: 'ban-enforced',
  title: `from a ban command in its topic until ${INSTANCES} instances have closed the peer's connections, with Postgres near`,
  doesNotProve: 'what a distant Kafka or Postgres adds; a lost notification costs up to 1.5 s, the poll',
  async run(context) {
    const { node, url } = await createNodeWithDatabase(context)
    const nodes = [node]
    while (nodes.length < INSTANCES) nodes.push(await siblingOf(node))
    await Promise.all(nodes.map((each) => startBridge(each, { BANLIST_DB: url }, context)))
    const give = await createBanTopic(node, context)
    const { node: peer, identity } = await startBareNode([])
    context.scope.add(async () => peer.stop())
    const times: number[] = []
    for (let ban = 0; ban < BANS; ban++) {
      await connectToAll(peer, nodes)
      const closed = allClosed(peer)
      const startedAt = performance.now()
      await give([{ action: 'add', key: identity.peerId }])
      times.push((await closed) - startedAt)
      await give([{ action: 'remove', key: identity.peerId }])
    }
    const figure = (what: string, share: number) => ({ what, measured: percentile(times, share), unit: 'ms' })
    return [
      figure(`enforced on ${INSTANCES} instances, p50`, 0.5),
      { ...figure(`enforced on ${INSTANCES} instances, p99`, 0.99), target: { of: 'measured', bound: 'at most', value: 100 } },
    ]
  },
}

async function createNodeWithDatabase(context: BenchContext): Promise<{ node: BenchNode; url: string }> {
  const postgres = await startPostgres({ say: context.say })
  context.scope.add(() => postgres.stop())
  return { node: await createNode(context), url: await postgres.createDatabase('bench') }
}

/** Of three commands each: add, remove, add again. */
function addsAndRemoves(run: number): Command[] {
  return Array.from({ length: COMMANDS }, (_, index) => {
    const number = Math.floor(index / 3)
    return { action: index % 3 === 1 ? 'remove' : 'add', key: `10.${run}.${number >> 8}.${number & 255}` }
  })
}

async function handled({ healthPort }: BenchNode): Promise<number> {
  const samples = [...(await scrape(healthPort))].filter(([name]) => /^bridge_flow_records_total\{.*flow="ban-commands"/.test(name))
  return samples.reduce((sum, [, value]) => sum + value, 0)
}

async function sampleOf({ healthPort }: BenchNode, name: string): Promise<number | undefined> {
  return (await scrape(healthPort)).get(name)
}

/** Again and again: an instance that has not heard of the end of the last ban refuses. */
async function connectToAll(peer: GossipNode, nodes: readonly BenchNode[]): Promise<void> {
  await until(
    async () => {
      for (const node of nodes) await peer.dial(multiaddr(node.multiaddr)).catch(() => {})
      return peer.getConnections().length === nodes.length
    },
    { everyMs: 20, withinMs: ENFORCED_WITHIN_MS * 2 },
  )
}

/** When the last connection of the peer has closed. */
function allClosed(peer: GossipNode): Promise<number> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`the ban was not enforced within ${ENFORCED_WITHIN_MS} ms`)), ENFORCED_WITHIN_MS)
    const look = () => {
      if (peer.getConnections().length > 0) return
      clearTimeout(late)
      peer.removeEventListener('connection:close', look)
      resolve(performance.now())
    }
    peer.addEventListener('connection:close', look)
  })
}
