import pino from 'pino'
import { Registry } from 'prom-client'
import { createKafka } from '../../../src/kafka/client/connection.ts'
import { createProducer, type Producer } from '../../../src/kafka/producer/producer.ts'
import { createPartitionReader } from '../../../src/kafka/reader/partition-reader.ts'
import type { KafkaRecord } from '../../../src/kafka/record.ts'
import { SYSTEM_CLOCK } from '../../../src/lifecycle/clock.ts'
import { Health } from '../../../src/lifecycle/health.ts'
import { type Codec, createCodec } from '../../../src/messages/codec/codec.ts'
import { readSchemas } from '../../../src/messages/codec/schemas.ts'
import { createKafkaMetrics } from '../../../src/telemetry/kafka-metrics.ts'
import { onEnd } from '../on-end.ts'
import { kafkaBrokers } from './shared-stack.ts'

export interface TopicClient {
  readonly codec: Codec
  readonly producer: Producer
  /** All records of a topic, over all its partitions. */
  readAll(topic: string, partitions?: number): Promise<KafkaRecord[]>
  partitionCount(topic: string): Promise<number>
  /** What a group has committed in a topic, by partition; -1 where it has no offset. */
  committed(groupId: string, topic: string): Promise<number[]>
}

/** A producer and a reader of whole topics on the shared broker, in the role of the node's services. */
export async function createTopicClient(): Promise<TopicClient> {
  const log = pino({ level: 'silent' })
  const kafka = createKafka({ clientId: 'test', brokers: kafkaBrokers() }, { log })
  const metrics = createKafkaMetrics(new Registry())
  const producer = createProducer(
    {},
    { clock: SYSTEM_CLOCK, kafka, log, metrics, health: new Health({ clock: SYSTEM_CLOCK }).part('test') },
  )
  await producer.start()
  onEnd(() => producer.stop())
  return { codec: createCodec({}, { schemas: readSchemas() }), producer, readAll, partitionCount, committed }

  async function partitionCount(topic: string): Promise<number> {
    const { topics } = await kafka.withAdmin((admin) => admin.fetchTopicMetadata({ topics: [topic] }))
    return topics[0]?.partitions.length ?? 0
  }

  async function committed(groupId: string, topic: string): Promise<number[]> {
    const [found] = await kafka.withAdmin((admin) => admin.fetchOffsets({ groupId, topics: [topic] }))
    const partitions = [...(found?.partitions ?? [])].sort((one, other) => one.partition - other.partition)
    return partitions.map(({ offset }) => Number(offset))
  }

  async function readAll(topic: string, partitions = 1): Promise<KafkaRecord[]> {
    const all: KafkaRecord[] = []
    for (let partition = 0; partition < partitions; partition++) {
      const reader = createPartitionReader({ topic, partition }, { clock: SYSTEM_CLOCK, kafka, log })
      try {
        const { low, high } = await reader.bounds()
        for (let from = low; from < high; ) {
          const { records, next } = await reader.read(from)
          all.push(...records)
          from = next
        }
      } finally {
        await reader.stop()
      }
    }
    return all
  }
}
