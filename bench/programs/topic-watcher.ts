import { createKafka } from '../../src/kafka/client/connection.ts'
import { fetchRecords } from '../../src/kafka/client/fetch-request.ts'
import { TopicLink } from '../../src/kafka/client/topic-link.ts'
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

// Reads topics from their ends on with one long poll for each partition, and notes when each key comes.
const { options, tell, on } = await parent<WatcherOptions>()
const kafka = createKafka({ clientId: 'bench-watcher', brokers: options.brokers }, { log: quietLog })
const sightings = new Map<string, Map<string, number>>()

async function watchTopic(topic: string): Promise<void> {
  const seen = new Map<string, number>()
  sightings.set(topic, seen)
  const link = new TopicLink({ topic }, { kafka })
  const partitions = Array.from({ length: await link.partitionCount() }, (_, partition) => partition)
  await Promise.all(partitions.map((partition) => watchPartition(topic, partition, seen)))
}

async function watchPartition(topic: string, partition: number, seen: Map<string, number>): Promise<void> {
  const link = new TopicLink({ topic }, { kafka }) // a connection for each: a broker answers one connection in order
  const { broker } = await link.leader(partition)
  const from = await link.offsetAt(partition, -1)
  void follow({ topic, partition, from }, broker, seen)
}

async function follow(
  { topic, partition, from }: { topic: string; partition: number; from: bigint },
  broker: Parameters<typeof fetchRecords>[0],
  seen: Map<string, number>,
): Promise<never> {
  for (let offset = from; ; ) {
    const answer = await fetchRecords(broker, { topic, partition, offset, maxBytes: MAX_BYTES, maxWaitMs: LONG_POLL_MS })
    const now = sharedNow()
    for (const { key } of answer.records) {
      const name = `${key}`
      if (!seen.has(name)) seen.set(name, now)
    }
    offset = answer.next
  }
}

await Promise.all(options.topics.map(watchTopic))
on('report', () => tell('sightings', sightings))
tell('watching')
