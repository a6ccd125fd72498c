import { randomUUID } from 'node:crypto'
import { type Logger, pino } from 'pino'
import { Registry } from 'prom-client'
import { onTestFinished } from 'vitest'
import { createKafka, type KafkaConnection, type KafkaOptions } from '../../../src/kafka/client/connection.ts'
import { createProducer, type Producer, type ProducerOptions } from '../../../src/kafka/producer/producer.ts'
import type { KafkaRecord, OutgoingRecord } from '../../../src/kafka/record.ts'
import { SYSTEM_CLOCK } from '../../../src/lifecycle/clock.ts'
import type { PartHealth } from '../../../src/lifecycle/health.ts'
import { createKafkaMetrics } from '../../../src/telemetry/kafka-metrics.ts'
import { kafkaBrokers } from '../../support/stack/shared-stack.ts'

/** Quiet, unless somebody looks for a fault with KAFKA_TEST_LOG=debug. */
export const log: Logger = pino({ level: process.env.KAFKA_TEST_LOG ?? 'silent' })

export function metrics() {
  return createKafkaMetrics(new Registry())
}

export function connection(options: Partial<KafkaOptions> = {}): KafkaConnection {
  return createKafka({ clientId: 'test', brokers: kafkaBrokers(), ...options }, { log })
}

/** A part's health that remembers what it heard. */
export function health(): PartHealth & { said: string[]; isReady(): boolean; detail(): string } {
  const said: string[] = []
  let ready = false
  let last = ''
  return {
    said,
    isReady: () => ready,
    detail: () => last,
    ready: (detail = 'ok') => {
      ready = true
      last = detail
    },
    notReady: (reason) => {
      ready = false
      said.push(reason)
    },
  }
}

export function randomName(prefix: string): string {
  return `${prefix}-${randomUUID().slice(0, 13)}`
}

/** A started producer that stops with the test. */
export async function producer(kafka: KafkaConnection, options: ProducerOptions = {}, part = health()): Promise<Producer> {
  const created = createProducer(options, { clock: SYSTEM_CLOCK, kafka, log, metrics: metrics(), health: part })
  onTestFinished(() => created.stop())
  await created.start()
  return created
}

export function outgoing(key: string | null, value = `value of ${key}`): OutgoingRecord {
  return { key, value: Buffer.from(value), headers: { type: 'test' } }
}

/** Everything that stands in a topic, read with nothing of the bridge but its connection. */
export async function readAll(kafka: KafkaConnection, topic: string): Promise<KafkaRecord[]> {
  const { createPartitionReader } = await import('../../../src/kafka/reader/partition-reader.ts')
  const partitions = await kafka.withAdmin(async (admin) => (await admin.fetchTopicOffsets(topic)).map((each) => each.partition))
  const all: KafkaRecord[] = []
  for (const partition of partitions) {
    const reader = createPartitionReader({ topic, partition }, { clock: SYSTEM_CLOCK, kafka, log })
    let { low: from, high: end } = await reader.bounds()
    while (from < end) {
      const { records, next, high } = await reader.read(from, { maxBytes: 4 << 20 })
      all.push(...records)
      from = next
      end = high
    }
    await reader.stop()
  }
  return all
}
