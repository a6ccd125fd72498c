import { Registry } from 'prom-client'
import { createKafka, type KafkaConnection } from '../../../src/kafka/client/connection.ts'
import { createProducer, type Producer } from '../../../src/kafka/producer/producer.ts'
import { SYSTEM_CLOCK } from '../../../src/lifecycle/clock.ts'
import { createKafkaMetrics } from '../../../src/telemetry/kafka-metrics.ts'
import { quietLog } from '../quiet-log.ts'

export function connectKafka(brokers: readonly string[]): KafkaConnection {
  return createKafka({ clientId: 'bench', brokers }, { log: quietLog })
}

/** Writes the records that a bench needs. */
export async function startProducer(kafka: KafkaConnection, { lingerMs = 2 } = {}): Promise<Producer> {
  const metrics = createKafkaMetrics(new Registry())
  const health = { ready: () => {}, notReady: () => {} }
  const producer = createProducer({ maxQueuedRecords: 100_000, lingerMs }, { clock: SYSTEM_CLOCK, kafka, log: quietLog, metrics, health })
  await producer.start()
  return producer
}
