import type { Logger } from 'pino'
import { Registry } from 'prom-client'
import { kafkaOptions } from '../../config/kafka-options.ts'
import type { Settings } from '../../config/settings.ts'
import { topicEncodings } from '../../config/topic-names.ts'
import { createKafka } from '../../kafka/client/connection.ts'
import { createProducer } from '../../kafka/producer/producer.ts'
import { SYSTEM_CLOCK } from '../../lifecycle/clock.ts'
import { Health } from '../../lifecycle/health.ts'
import { createCodec } from '../../messages/codec/codec.ts'
import { ANNOUNCEMENT_TOPICS } from '../../messages/topics.ts'
import type { TraceHeaders } from '../../messages/trace-context.ts'
import { createKafkaMetrics } from '../../telemetry/kafka-metrics.ts'
import { commandSchemas } from '../command-schemas.ts'
import type { SimulatedEvent } from './simulation.ts'

export interface SinkOptions {
  readonly settings: Settings
  /** All topics that will be written. A missing one is reported at the start. */
  readonly topics: readonly string[]
}

/** Writes simulated records to Kafka, in the encodings of the settings. */
export interface Sink {
  /** Resolves at the first connection, without a time limit, or at `stop`. */
  start(): Promise<void>
  isStarted(): boolean
  /** Resolves when the record is acknowledged. */
  send(topic: string, event: SimulatedEvent): Promise<unknown>
  stop(): Promise<void>
}

const FLUSH_MS = 1000

export interface SinkDeps {
  readonly log: Logger
  /** Of whoever asked for the records. */
  readonly trace?: TraceHeaders | undefined
}

export async function createSink({ settings, topics }: SinkOptions, { log, trace }: SinkDeps): Promise<Sink> {
  const schemas = await commandSchemas(settings, { writes: ANNOUNCEMENT_TOPICS })
  const kafka = createKafka({ ...kafkaOptions(settings), clientId: 'gossip-bridge-simulator' }, { log })
  const metrics = createKafkaMetrics(new Registry())
  const producer = createProducer(
    { topics, flushMs: FLUSH_MS },
    { clock: SYSTEM_CLOCK, kafka, log, metrics, health: new Health({ clock: SYSTEM_CLOCK }).part('producer') },
  )
  const codec = createCodec({ encodings: topicEncodings(settings) }, schemas)
  let isStarted = false
  return {
    async start() {
      await producer.start()
      isStarted = true
    },
    isStarted: () => isStarted,
    send(topic, event) {
      const value = codec.encode(event.role, event.value)
      const schema = codec.schemaHeader(event.role)
      const headers = { type: event.type, schema, network: settings.network, 'written-by': 'simulator', ...trace }
      return producer.send(topic, { key: event.key, value, headers })
    },
    async stop() {
      schemas.stop()
      await producer.stop()
    },
  }
}
