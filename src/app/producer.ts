import type { Logger } from 'pino'
import type { Settings } from '../config/settings.ts'
import type { KafkaConnection } from '../kafka/client/connection.ts'
import { createProducer, type Producer } from '../kafka/producer/producer.ts'
import { SYSTEM_CLOCK } from '../lifecycle/clock.ts'
import { type Health, KAFKA_PATIENCE } from '../lifecycle/health.ts'
import { WRITTEN_TOPICS } from '../messages/topics.ts'
import type { KafkaMetrics } from '../telemetry/kafka-metrics.ts'
import { tracedSend } from '../tracing/traced-producer.ts'
import type { Tracer } from '../tracing/tracer.ts'
import type { WireFormats } from './wire-formats.ts'

export interface RelayProducerDeps {
  readonly kafka: KafkaConnection
  readonly formats: WireFormats
  readonly log: Logger
  readonly health: Health
  readonly kafkaMetrics: KafkaMetrics
  /** Undefined while nothing is traced. */
  readonly tracer?: Tracer | undefined
}

/** The one producer of a relay, for all topics that it writes. */
export function createRelayProducer(settings: Settings, deps: RelayProducerDeps): Producer {
  const { kafka, formats, log, health, kafkaMetrics, tracer } = deps
  const producer = createProducer(
    {
      lingerMs: settings.kafka_linger,
      maxBatchRecords: settings.kafka_batch_max_records,
      maxQueuedRecords: settings.kafka_queue_max_records,
      maxQueuedBytes: settings.kafka_queue_max_bytes,
      flushMs: settings.shutdown_deadline / 5, // a queue that Kafka does not accept must not use up the time of the other stops
      topics: WRITTEN_TOPICS.map((role) => formats.topics[role]),
    },
    { clock: SYSTEM_CLOCK, kafka, log, metrics: kafkaMetrics, health: health.part('producer', KAFKA_PATIENCE) },
  )
  if (!tracer) return producer
  return {
    start: () => producer.start(),
    send: tracedSend(producer, tracer),
    sendAll: (topic, records, options) => producer.sendAll(topic, records, options),
    queued: () => producer.queued(),
    stop: () => producer.stop(),
  }
}
