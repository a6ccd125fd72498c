import { setTimeout as pause } from 'node:timers/promises'
import { announcementId } from '../src/events/entries/event-id.ts'
import type { Published, PublisherOptions } from './programs/gossip-publisher.ts'
import type { Sightings, WatcherOptions } from './programs/topic-watcher.ts'
import { BLOCK_TOPIC, runBareGossip, startPublisher } from './support/bare-gossip.ts'
import type { Bench, BenchContext, Figure, Target } from './support/bench.ts'
import { createNode, startBridge } from './support/bridge.ts'
import { quantile, readHistogram } from './support/measure/histogram.ts'
import { percentile } from './support/measure/numbers.ts'
import { startProgram } from './support/program.ts'

const RATE = 500
const SECONDS = 20
/** A broker that has just started needs some seconds until its own code is compiled; so does the bridge. */
const WARM_UP_SECONDS = 10
const LAST_ARRIVALS_MS = 1500
const ACK_METRIC = 'bridge_event_log_write_seconds'
const LOAD = { topic: BLOCK_TOPIC, type: 'block', count: RATE * SECONDS, ratePerSecond: RATE } as const satisfies Omit<
  PublisherOptions,
  'peers'
>
const WARM_UP = RATE * WARM_UP_SECONDS

export const gossipToBlocks: Bench = {
  name: 'gossip-to-blocks',
  title: `gossip -> log -> blocks: how long a block announcement takes at ${RATE} msg/s`,
  doesNotProve:
    'what replication over several brokers adds, nor latency beside other load on the machine; the times until something is read include the way back out of Kafka to a reader, those until the acknowledgement begin when the bridge has heard and judged the message',
  async run(context) {
    const bare = await runBareGossip({ ...LOAD, warmUp: WARM_UP }, context)
    const { inLog, inBlocks, acknowledgedMs } = await runBridge(context)
    const figure = (what: string, latencies: readonly number[], share: number): Figure => ({
      what,
      measured: percentile(latencies, share),
      unit: 'ms',
      baseline: percentile(bare.latenciesMs, share),
    })
    return [
      { what: 'heard -> acknowledged in the log, p50', measured: acknowledgedMs(0.5), unit: 'ms', target: atMost(5) },
      { what: 'heard -> acknowledged in the log, p99', measured: acknowledgedMs(0.99), unit: 'ms', target: atMost(25) },
      figure('publish -> read in the log, p50', inLog, 0.5),
      figure('publish -> read in the log, p99', inLog, 0.99),
      { ...figure('publish -> read in blocks, p50', inBlocks, 0.5), target: atMost(10) },
      { ...figure('publish -> read in blocks, p99', inBlocks, 0.99), target: atMost(40) },
    ]
  },
}

const atMost = (value: number): Target => ({ of: 'measured', bound: 'at most', value })

interface BridgeRun {
  readonly inLog: number[]
  readonly inBlocks: number[]
  /** By the bridge's own metric, so exact only at the bounds of its buckets: 1, 2, 5, 10, 25 ms and so on. */
  readonly acknowledgedMs: (share: number) => number
}

async function runBridge(context: BenchContext): Promise<BridgeRun> {
  const node = await createNode(context)
  await startBridge(node, {}, context)
  const topics = { log: node.topic('p2p-events'), blocks: node.topic('blocks') }
  const watcherOptions: WatcherOptions = { brokers: context.kafka.brokers, topics: Object.values(topics) }
  const watcher = await startProgram('topic-watcher', watcherOptions, context)
  await watcher.hear('watching')
  const publisher = await startPublisher({ ...LOAD, peers: [node.multiaddr] }, context)
  publisher.tell('go')
  await pause(WARM_UP_SECONDS * 1000)
  const warmUp = await readHistogram(node.healthPort, ACK_METRIC)
  const published = await publisher.hear<Published>('published')
  await pause(LAST_ARRIVALS_MS)
  watcher.tell('report')
  const acknowledged = await readHistogram(node.healthPort, ACK_METRIC)
  const sightings = await watcher.hear<Sightings>('sightings')
  return {
    inLog: latencies(published, sightings.get(topics.log), (hash) => eventIdOf(hash, published.peerId)),
    inBlocks: latencies(published, sightings.get(topics.blocks), (hash) => hash),
    acknowledgedMs: (share) => 1000 * quantile(acknowledged, warmUp, share),
  }
}

/** The keys of the event log are event ids. */
function eventIdOf(hash: string, signer: string): string {
  return announcementId('regtest', { type: 'block', block: { hash, height: 0, header: null, dataHubUrl: '' } }, signer, {
    sequenceNumber: 0n,
  })
}

function latencies({ hashes, times }: Published, seen: ReadonlyMap<string, number> | undefined, keyOf: (hash: string) => string): number[] {
  return hashes
    .map((hash, index) => {
      const at = seen?.get(keyOf(hash))
      if (at === undefined) throw new Error(`block ${index} of ${hashes.length} never came out of Kafka`)
      return at - (times[index] ?? Number.NaN)
    })
    .slice(WARM_UP)
}
