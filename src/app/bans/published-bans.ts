import type { Logger } from 'pino'
import { type PublishedBans, readBanTopic } from '../../bans/read-ban-topic.ts'
import type { KafkaConnection } from '../../kafka/client/connection.ts'
import { describeTrouble } from '../../kafka/client/trouble.ts'
import { createPartitionReader } from '../../kafka/reader/partition-reader.ts'
import type { Codec } from '../../messages/codec/codec.ts'

export interface PublishedBansDeps {
  readonly kafka: KafkaConnection
  readonly codec: Codec
  readonly log: Logger
}

/** Reads the ban list from the compacted topic of current bans, the only source without the database. */
export async function readPublishedBans({ topic }: { topic: string }, deps: PublishedBansDeps): Promise<PublishedBans> {
  try {
    return await read(topic, deps)
  } catch (error) {
    throw new Error(describeTrouble(error, { brokers: deps.kafka.brokers, topics: [topic] }), { cause: error })
  }
}

async function read(topic: string, { kafka, codec, log }: PublishedBansDeps): Promise<PublishedBans> {
  const { topics } = await kafka.withAdmin((admin) => admin.fetchTopicMetadata({ topics: [topic] }))
  const partitions = topics[0]?.partitions.length ?? 0
  const readers = Array.from({ length: partitions }, (_, partition) => createPartitionReader({ topic, partition }, { kafka, log }))
  try {
    return await readBanTopic({
      readers,
      decode: (value) => codec.decode('bans', value),
      onUnreadable: (key, error) => log.warn({ err: error, topic, key }, 'a record of the current bans is no ban and bans nobody'),
    })
  } finally {
    await Promise.all(readers.map((reader) => reader.stop()))
  }
}

/** The oldest offset of the topic of current bans, and the offset after its newest record. The topic has one partition. */
export async function banTopicBounds(
  { topic }: { topic: string },
  { kafka, log }: Pick<PublishedBansDeps, 'kafka' | 'log'>,
): Promise<{ low: bigint; high: bigint }> {
  const reader = createPartitionReader({ topic }, { kafka, log })
  try {
    return await reader.bounds()
  } finally {
    await reader.stop()
  }
}
