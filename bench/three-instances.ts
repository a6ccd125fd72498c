import { setTimeout as pause } from 'node:timers/promises'
import { BLOCK_TOPIC, startPublisher } from './support/bare-gossip.ts'
import type { Bench, BenchContext } from './support/bench.ts'
import { type BenchNode, createNode, siblingOf, startBridge } from './support/bridge.ts'
import { median } from './support/measure/numbers.ts'
import { cpuSeconds } from './support/measure/process-cost.ts'
import { runs } from './support/runs.ts'
import { withScope } from './support/scope.ts'
import { sumOf } from './support/scrape.ts'
import { until } from './support/until.ts'

const RATE = 300
const WARM_UP_MS = 4000
const WINDOW_MS = 5000
const RUNS = runs(5)
const INSTANCES = 3
const HEARD_WITHIN_MS = 10_000

export const threeInstances: Bench = {
  name: 'three-instances',
  title: `${INSTANCES} instances of one bridge that all hear the same ${RATE} msg/s, against one`,
  doesNotProve: 'what browsers add, which are shared out among the instances; nor latency: more processes than cores',
  async run(context) {
    const single: number[] = []
    const each: number[] = []
    for (let run = 1; run <= RUNS; run++) {
      single.push(await cpuOfEach(1, context))
      each.push(await cpuOfEach(INSTANCES, context))
      context.say(`run ${run}: alone ${single.at(-1)?.toFixed(1)} %, each of ${INSTANCES} ${each.at(-1)?.toFixed(1)} %`)
    }
    return [
      {
        what: `CPU of each of ${INSTANCES} instances`,
        measured: median(each),
        unit: '% of a core',
        baseline: median(single),
        ratio: median(each.map((cpu, run) => cpu / (single[run] ?? Number.NaN))),
        target: { of: 'ratio', bound: 'at most', value: 1.3 },
      },
    ]
  },
}

/** Percent of a core per instance, on average over all, while they receive the messages. */
function cpuOfEach(instances: number, context: BenchContext): Promise<number> {
  return withScope(async (scope) => {
    const own = { ...context, scope }
    const node = await createNode(own)
    const nodes: BenchNode[] = [node]
    while (nodes.length < instances) nodes.push(await siblingOf(node))
    const bridges = await Promise.all(nodes.map((each) => startBridge(each, {}, own)))
    const count = (RATE * (WARM_UP_MS + WINDOW_MS)) / 1000 + RATE
    const peers = nodes.map(({ multiaddr }) => multiaddr)
    const publisher = await startPublisher({ topic: BLOCK_TOPIC, type: 'block', count, ratePerSecond: RATE, peers }, own)
    publisher.tell('go')
    await pause(WARM_UP_MS)
    const before = bridges.map(({ pid }) => cpuSeconds(pid))
    await pause(WINDOW_MS)
    const used = bridges.map(({ pid }, index) => cpuSeconds(pid) - (before[index] ?? Number.NaN))
    await publisher.hear('published')
    const hasHeardAll = async ({ healthPort }: BenchNode) => (await sumOf(healthPort, 'bridge_gossip_verdicts_total')) >= count
    for (const each of nodes) await until(() => hasHeardAll(each), { everyMs: 100, withinMs: HEARD_WITHIN_MS })
    return (used.reduce((sum, seconds) => sum + seconds, 0) * 100_000) / WINDOW_MS / instances
  })
}
