import { randomHash } from './support/announcements.ts'
import { runBareGossip, SUBTREE_TOPIC, startSubscriber } from './support/bare-gossip.ts'
import type { Bench, BenchContext } from './support/bench.ts'
import { createNode, startBridge } from './support/bridge.ts'
import { benchCodec } from './support/codec.ts'
import { connectKafka, startProducer } from './support/kafka/kafka-client.ts'
import { median, ratePerSecond } from './support/measure/numbers.ts'
import { runs } from './support/runs.ts'

const COUNT = 12_000
const WARM_UP = 3000
const RUNS = runs(3)

export const kafkaToGossip: Bench = {
  name: 'kafka-to-gossip',
  title: 'Kafka -> gossip: a backlog of own notifications to one peer',
  doesNotProve:
    'what many peers cost (each is one more encryption and write), nor that a Go peer keeps up: its queue drops bursts, which is why gossip_outbound_rate is on by default',
  async run(context) {
    const bare: number[] = []
    const bridged: number[] = []
    for (let run = 1; run <= RUNS; run++) {
      const { messagesPerSecond } = await runBareGossip(
        { topic: SUBTREE_TOPIC, type: 'subtree', count: COUNT, ratePerSecond: 0, warmUp: WARM_UP },
        context,
      )
      bare.push(messagesPerSecond)
      bridged.push(await runBridge(context))
      context.say(`run ${run}: bare ${bare.at(-1)?.toFixed(0)} msg/s, bridge ${bridged.at(-1)?.toFixed(0)} msg/s`)
    }
    return [
      {
        what: 'messages published',
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
 * The topic is full before the bridge starts. While it publishes, it also does all other work: its own notifications go to the event log
 * and on.
 */
async function runBridge(context: BenchContext): Promise<number> {
  const node = await createNode(context)
  await fill(node.topic('blockchain-notifications'), context)
  const { program: subscriber, multiaddr } = await startSubscriber({ topic: SUBTREE_TOPIC, count: COUNT }, context)
  const bridge = await startBridge(node, { P2P_STATIC_PEERS: multiaddr }, context)
  const arrivals = await subscriber.hear<number[]>('all')
  await Promise.all([bridge.stop(), subscriber.stop()])
  return ratePerSecond(arrivals, WARM_UP)
}

async function fill(topic: string, { kafka }: BenchContext): Promise<void> {
  const codec = benchCodec()
  const producer = await startProducer(connectKafka(kafka.brokers))
  const none = { height: null, header: null, previousHash: null, miner: null, sizeInBytes: null, txCount: null }
  const records = Array.from({ length: COUNT }, () => {
    const hash = randomHash()
    return { key: hash, value: codec.encode('notifications', { type: 'Subtree', hash, ...none }), headers: {} }
  })
  await producer.sendAll(topic, records)
  await producer.stop()
}
