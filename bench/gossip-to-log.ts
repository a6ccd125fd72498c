import type { Published, PublisherOptions } from './programs/gossip-publisher.ts'
import { runBareGossip, SUBTREE_TOPIC, startPublisher } from './support/bare-gossip.ts'
import type { Bench, BenchContext } from './support/bench.ts'
import { createNode, startBridge } from './support/bridge.ts'
import { connectKafka } from './support/kafka-client.ts'
import { recordsOf } from './support/log-watch.ts'
import { toWallClock } from './support/measure/clock.ts'
import { median } from './support/measure/numbers.ts'

const COUNT = 15_000
const RUNS = 3
const LOAD = { topic: SUBTREE_TOPIC, type: 'subtree', count: COUNT, ratePerSecond: 0 } as const satisfies Omit<PublisherOptions, 'peers'>

export const gossipToLog: Bench = {
  name: 'gossip-to-log',
  title: 'gossip -> log: announcements of one peer, as fast as they are taken',
  doesNotProve:
    'what several neighbours cost (copies from each are decrypted and recognised), nor anything about a Kafka that is slow to acknowledge; the sender, Kafka and the bridge share the cores, as the bare sender and receiver do',
  async run(context) {
    const bare: number[] = []
    const bridged: number[] = []
    for (let run = 1; run <= RUNS; run++) {
      const { wholePerSecond } = await runBareGossip({ ...LOAD, warmUp: 0 }, context)
      bare.push(wholePerSecond)
      bridged.push(await runBridge(context))
      context.say(`run ${run}: bare ${bare.at(-1)?.toFixed(0)} msg/s, bridge ${bridged.at(-1)?.toFixed(0)} msg/s`)
    }
    return [
      {
        what: 'messages received and in the log',
        measured: median(bridged),
        unit: 'msg/s',
        baseline: median(bare),
        ratio: median(bridged.map((rate, run) => rate / (bare[run] ?? Number.NaN))),
        target: { of: 'ratio', bound: 'at least', value: 0.8 },
      },
    ]
  },
}

/**
 * The broker's own clock says when each record was in the log. Counted is the whole run rather than the rate between two records,
 * because a bridge that holds back and then writes all at once would else look fast.
 */
async function runBridge(context: BenchContext): Promise<number> {
  const node = await createNode(context)
  const bridge = await startBridge(node, {}, context)
  const publisher = await startPublisher({ ...LOAD, peers: [node.multiaddr] }, context)
  publisher.tell('go')
  const { times } = await publisher.hear<Published>('published')
  const records = await recordsOf(
    node.topic('p2p-events'),
    { type: 'subtree', count: COUNT, withinMs: 60_000 },
    connectKafka(context.kafka.brokers),
  )
  await Promise.all([publisher.stop(), bridge.stop()])
  if (records.length !== COUNT) throw new Error(`${COUNT} messages became ${records.length} records`)
  const lastAt = Math.max(...records.map(({ timestamp }) => timestamp))
  return (COUNT * 1000) / (lastAt - toWallClock(times[0] ?? Number.NaN))
}
