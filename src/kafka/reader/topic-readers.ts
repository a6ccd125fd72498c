import type { Logger } from 'pino'
import type { Clock } from '../../lifecycle/clock.ts'
import type { KafkaConnection } from '../client/connection.ts'
import { describeTrouble } from '../client/trouble.ts'
import { createPartitionReader, type PartitionReader } from './partition-reader.ts'

export interface TopicReadersDeps {
  readonly kafka: KafkaConnection
  readonly log: Logger
  readonly clock: Pick<Clock, 'steady'>
}

/** Runs `work` with a reader for each partition of the topic, and stops the readers afterwards. An error names the topic and the trouble. */
export async function withTopicReaders<T>(
  { topic }: { readonly topic: string },
  { kafka, log, clock }: TopicReadersDeps,
  work: (readers: readonly PartitionReader[]) => Promise<T>,
): Promise<T> {
  let readers: readonly PartitionReader[] = []
  try {
    const { topics } = await kafka.withAdmin((admin) => admin.fetchTopicMetadata({ topics: [topic] }))
    const partitions = topics[0]?.partitions ?? []
    readers = partitions.map((_, partition) => createPartitionReader({ topic, partition }, { kafka, log, clock }))
    return await work(readers)
  } catch (error) {
    throw new Error(describeTrouble(error, { brokers: kafka.brokers, topics: [topic] }), { cause: error })
  } finally {
    await Promise.all(readers.map((reader) => reader.stop()))
  }
}
