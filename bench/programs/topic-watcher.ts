import { createKafka } from '../../src/kafka/client/connection.ts'
import { PartitionLink } from '../../src/kafka/client/partition-link.ts'
import { TopicLink } from '../../src/kafka/client/topic-link.ts'
import { SYSTEM_CLOCK } from '../../src/lifecycle/clock.ts'
import { sharedNow } from '../support/measure/clock.ts'
import { parent } from '../support/parent.ts'
import { quietLog } from '../support/quiet-log.ts'

export interface WatcherOptions {
  readonly brokers: readonly string[]
  readonly topics: readonly string[]
}

/** When a record with that key was first seen, by topic. */
export type Sightings = ReadonlyMap<string, ReadonlyMap<string, number>>

const LONG_POLL_MS = 500
const MAX_BYTES = 1 << 20

// Reads topics from their ends on with one long poll for each partition, and records when each key arrives.
const { options, tell, on } = await parent<WatcherOptions>()
const kafka = createKafka({ clientId: 'bench-watcher', brokers: options.brokers }, { log: quietLog })
const sightings = new Map<string, Map<string, number>>()

async function watchTopic(topic: string): Promise<void> {
  const seen = new Map<string, number>()
  sightings.set(topic, seen)
  const link = new TopicLink({ topic }, { clock: SYSTEM_CLOCK, kafka })
  const partitions = Array.from({ length: await link.partitionCount() }, (_, partition) => partition)
  await Promise.all(partitions.map((partition) => watchPartition(topic, partition, seen)))
}

async function watchPartition(topic: string, partition: number, seen: Map<string, number>): Promise<void> {
  // A connection for each partition: a broker answers one connection in order.
  const link = new PartitionLink({ topic, partition }, { link: new TopicLink({ topic }, { clock: SYSTEM_CLOCK, kafka }) })
  void follow(link, await link.latest(), seen)
}

async function follow(link: PartitionLink, from: bigint, seen: Map<string, number>): Promise<never> {
  for (let offset = from; ; ) {
    const { fetched } = await link.fetch(offset, { maxBytes: MAX_BYTES, maxWaitMs: LONG_POLL_MS })
    const now = sharedNow()
    for (const { key } of fetched?.records ?? []) {
      const name = `${key}`
      if (!seen.has(name)) seen.set(name, now)
    }
    offset = fetched?.nextOffset ?? offset
  }
}

await Promise.all(options.topics.map(watchTopic))
on('report', () => tell('sightings', sightings))
tell('watching')
