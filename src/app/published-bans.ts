import type { Logger } from 'pino'
import type { Ban } from '../bans/ban.ts'
import { readBanTopic } from '../bans/read-ban-topic.ts'
import type { KafkaConnection } from '../kafka/client/connection.ts'
import { describeTrouble } from '../kafka/client/trouble.ts'
import { createPartitionReader } from '../kafka/reader/partition-reader.ts'
import type { Codec } from '../messages/codec/codec.ts'

export interface PublishedBansDeps {
  readonly kafka: KafkaConnection
  readonly codec: Codec
  readonly log: Logger
}

/** The ban list as it stands in the compacted topic of current bans: what there is to go by without the database. */
export async function readPublishedBans({ topic }: { topic: string }, deps: PublishedBansDeps): Promise<Ban[]> {
  try {
    return await read(topic, deps)
  } catch (error) {
    throw new Error(describeTrouble(error, { brokers: deps.kafka.brokers, topics: [topic] }), { cause: error })
  }
}

async function read(topic: string, { kafka, codec, log }: PublishedBansDeps): Promise<Ban[]> {
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
