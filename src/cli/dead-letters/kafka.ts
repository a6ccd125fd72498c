import type { Logger } from 'pino'
import { Registry } from 'prom-client'
import { kafkaOptions } from '../../config/kafka-options.ts'
import type { Settings } from '../../config/settings.ts'
import { topicNames } from '../../config/topic-names.ts'
import { createKafka } from '../../kafka/client/connection.ts'
import { createProducer } from '../../kafka/producer/producer.ts'
import { createPartitionReader } from '../../kafka/reader/partition-reader.ts'
import type { Ack, KafkaRecord, OutgoingRecord } from '../../kafka/record.ts'
import { SYSTEM_CLOCK } from '../../lifecycle/clock.ts'
import { Health } from '../../lifecycle/health.ts'
import { DeadlineError, withDeadline } from '../../lifecycle/time.ts'
import { createKafkaMetrics } from '../../telemetry/kafka-metrics.ts'
import { recordsByTime } from './topic.ts'

/** Reads the topic of the dead letters, and writes to the topics that the letters come from. */
export interface DeadLettersKafka {
  /** All records of the topic from that time (ms since the epoch) on. May be called more than once. */
  records(fromTime: number | undefined): AsyncIterable<KafkaRecord>
  /** Resolves when acknowledged. Rejects if Kafka refuses the record or does not accept it in time. */
  send(topic: string, record: OutgoingRecord): Promise<Ack>
  stop(): Promise<void>
}

const FLUSH_MS = 500

export async function openDeadLetters(
  settings: Settings,
  { timeoutMs }: { timeoutMs: number },
  { log }: { log: Logger },
): Promise<DeadLettersKafka> {
  const topic = topicNames(settings).deadLetters
  const kafka = createKafka(kafkaOptions(settings), { log })
  const { topics } = await kafka.withAdmin((admin) => admin.fetchTopicMetadata({ topics: [topic] }))
  const partitions = topics[0]?.partitions.length ?? 0
  const readers = Array.from({ length: partitions }, (_, partition) =>
    createPartitionReader({ topic, partition }, { clock: SYSTEM_CLOCK, kafka, log }),
  )
  const health = new Health({ clock: SYSTEM_CLOCK })
  const producer = createProducer(
    { flushMs: FLUSH_MS },
    { clock: SYSTEM_CLOCK, kafka, log, metrics: createKafkaMetrics(new Registry()), health: health.part('producer') },
  )
  let started: Promise<void> | undefined
  const trouble = () => health.report().parts[0]?.reason ?? 'Kafka does not answer'
  return {
    records: (fromTime) => recordsByTime(readers, fromTime),
    async send(to, record) {
      started ??= producer.start()
      try {
        return await withDeadline(
          started.then(() => producer.send(to, record)),
          timeoutMs,
          `writing to ${to}`,
        )
      } catch (error) {
        if (!(error instanceof DeadlineError)) throw error
        throw new Error(`${error.message}: ${trouble()}; it may still arrive`, { cause: error })
      }
    },
    async stop() {
      await Promise.all([producer.stop(), ...readers.map((reader) => reader.stop())])
    },
  }
}
