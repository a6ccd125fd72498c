import { setTimeout as pause } from 'node:timers/promises'
import { announcementId } from '../src/log/event-id.ts'
import type { Published, PublisherOptions } from './programs/gossip-publisher.ts'
import type { Sightings, WatcherOptions } from './programs/topic-watcher.ts'
import { BLOCK_TOPIC, runBareGossip, startPublisher } from './support/bare-gossip.ts'
import type { Bench, BenchContext, Figure } from './support/bench.ts'
import { createNode, startBridge } from './support/bridge.ts'
import { percentile } from './support/numbers.ts'
import { startProgram } from './support/program.ts'

const RATE = 500
const SECONDS = 12
const WARM_UP_SECONDS = 3
const LAST_ARRIVALS_MS = 1500
const LOAD = { topic: BLOCK_TOPIC, type: 'block', count: RATE * SECONDS, ratePerSecond: RATE } as const satisfies Omit<
  PublisherOptions,
  'peer'
>
const WARM_UP = RATE * WARM_UP_SECONDS

export const gossipToBlocks: Bench = {
  name: 'gossip-to-blocks',
  title: `gossip -> log -> blocks: how long a block announcement takes at ${RATE} msg/s`,
  doesNotProve:
    'what replication over several brokers adds, nor latency beside other load on the machine; the times include the way back out of Kafka to a reader, which nobody needs for the acknowledgement itself',
  async run(context) {
    const bare = await runBareGossip({ ...LOAD, warmUp: WARM_UP }, context)
    const { inLog, inBlocks } = await runBridge(context)
    const figure = (what: string, latencies: readonly number[], share: number): Figure => ({
      what,
      measured: percentile(latencies, share),
      unit: 'ms',
      baseline: percentile(bare.latenciesMs, share),
    })
    return [
      figure('publish -> read in the log, p50', inLog, 0.5),
      figure('publish -> read in the log, p99', inLog, 0.99),
      { ...figure('publish -> read in blocks, p50', inBlocks, 0.5), target: { of: 'measured', bound: 'at most', value: 15 } },
      figure('publish -> read in blocks, p99', inBlocks, 0.99),
    ]
  },
}

async function runBridge(context: BenchContext): Promise<{ inLog: number[]; inBlocks: number[] }> {
  const node = await createNode(context)
  await startBridge(node, {}, context)
  const topics = { log: node.topic('p2p-events'), blocks: node.topic('blocks') }
  const watcherOptions: WatcherOptions = { brokers: context.kafka.brokers, topics: Object.values(topics) }
  const watcher = await startProgram('topic-watcher', watcherOptions, context)
  await watcher.hear('watching')
  const publisher = await startPublisher({ ...LOAD, peer: node.multiaddr }, context)
  publisher.tell('go')
  const published = await publisher.hear<Published>('published')
  await pause(LAST_ARRIVALS_MS)
  watcher.tell('report')
  const sightings = await watcher.hear<Sightings>('sightings')
  return {
    inLog: latencies(published, sightings.get(topics.log), (hash) => eventIdOf(hash, published.peerId)),
    inBlocks: latencies(published, sightings.get(topics.blocks), (hash) => hash),
  }
}

/** The keys of the log are event ids. */
function eventIdOf(hash: string, signer: string): string {
  return announcementId('regtest', { type: 'block', block: { hash, height: 0, header: null, dataHubUrl: '' } }, signer)
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
