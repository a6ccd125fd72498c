import { startLoadCost } from './profile/load-cost.ts'
import type { Published, PublisherOptions } from './programs/gossip-publisher.ts'
import { runBareGossip, SUBTREE_TOPIC, startPublisher } from './support/bare-gossip.ts'
import type { Bench, BenchContext } from './support/bench.ts'
import { createNode, startBridge } from './support/bridge.ts'
import { connectKafka } from './support/kafka/kafka-client.ts'
import { recordsOf } from './support/kafka/log-watch.ts'
import { toWallClock } from './support/measure/clock.ts'
import { median } from './support/measure/numbers.ts'
import { runs } from './support/runs.ts'

/** Ten seconds. In the first three of them much of the CPU time on both sides is V8's compiler. */
const COUNT = 40_000
const RUNS = runs(3)
const LOAD = { topic: SUBTREE_TOPIC, type: 'subtree', count: COUNT, ratePerSecond: 0 } as const satisfies Omit<PublisherOptions, 'peers'>

export const gossipToLog: Bench = {
  name: 'gossip-to-log',
  title: 'gossip -> log: announcements of one peer, as fast as they are taken',
  doesNotProve:
    'what several neighbours cost (copies from each are decrypted and recognised), nor anything about a Kafka that is slow to acknowledge; the sender, Kafka and the bridge share the cores, as the bare sender and receiver do',
  async run(context) {
    const bare: Run[] = []
    const bridged: Run[] = []
    for (let run = 1; run <= RUNS; run++) {
      const { wholePerSecond, cpuMs } = await runBareGossip({ ...LOAD, warmUp: 0 }, context)
      bare.push({ perSecond: wholePerSecond, cpuMs })
      bridged.push(await runBridge(context))
      context.say(`run ${run}: bare ${runText(bare.at(-1))}, bridge ${runText(bridged.at(-1))}`)
    }
    const rates = compared(bare, bridged, ({ perSecond }) => perSecond)
    const costs = compared(bare, bridged, ({ cpuMs }) => cpuMs)
    return [
      { what: 'messages received and in the log', ...rates, unit: 'msg/s', target: { of: 'ratio', bound: 'at least', value: 0.9 } },
      { what: 'CPU of a message', ...costs, unit: 'ms' },
    ]
  },
}

interface Run {
  readonly perSecond: number
  readonly cpuMs: number
}

function compared(bare: readonly Run[], bridged: readonly Run[], of: (run: Run) => number) {
  const ratios = bridged.map((run, index) => of(run) / of(bare[index] ?? { perSecond: Number.NaN, cpuMs: Number.NaN }))
  return { measured: median(bridged.map(of)), baseline: median(bare.map(of)), ratio: median(ratios) }
}

function runText(run: Run | undefined): string {
  return `${run?.perSecond.toFixed(0)} msg/s with ${run?.cpuMs.toFixed(3)} ms each`
}

/**
 * The broker's own clock shows when each record was in the event log. The whole run counts rather than the rate between two records;
 * otherwise a bridge that waits and then writes all at once would look fast.
 */
async function runBridge(context: BenchContext): Promise<Run> {
  const node = await createNode(context)
  const bridge = await startBridge(node, {}, context)
  const publisher = await startPublisher({ ...LOAD, peers: [node.multiaddr] }, context)
  const cost = startLoadCost({ name: 'gossip-to-log', role: 'bridge', pid: bridge.pid, messages: COUNT })
  publisher.tell('go')
  const { times } = await publisher.hear<Published>('published')
  const records = await recordsOf(
    node.topic('p2p-events'),
    { type: 'subtree', count: COUNT, withinMs: 60_000 },
    connectKafka(context.kafka.brokers),
  )
  const cpuMs = cost()
  await Promise.all([publisher.stop(), bridge.stop()])
  if (records.length !== COUNT) throw new Error(`${COUNT} messages became ${records.length} records`)
  const lastAt = Math.max(...records.map(({ timestamp }) => timestamp))
  return { perSecond: (COUNT * 1000) / (lastAt - toWallClock(times[0] ?? Number.NaN)), cpuMs }
}
