import { kafkaOptions } from '../../config/kafka-options.ts'
import type { Settings } from '../../config/settings.ts'
import { topicEncodings, topicNames } from '../../config/topic-names.ts'
import { createHealthServer } from '../../health/health-server.ts'
import { createKafka } from '../../kafka/client/connection.ts'
import { createProducer } from '../../kafka/producer/producer.ts'
import { SYSTEM_CLOCK } from '../../lifecycle/clock.ts'
import { KAFKA_PATIENCE } from '../../lifecycle/health.ts'
import { StartSteps, startParts } from '../../lifecycle/start-steps.ts'
import { Stops } from '../../lifecycle/stops.ts'
import { createCodec } from '../../messages/codec/codec.ts'
import { createFlowMetrics } from '../../telemetry/flow-metrics.ts'
import { createKafkaMetrics } from '../../telemetry/kafka-metrics.ts'
import { loadSchemas } from '../schemas.ts'
import type { AdapterDeps } from './adapter-deps.ts'
import { type SourceDeps, startSource } from './sources.ts'

/** `gossip-bridge adapt teranode`: health port, producer, and the source of what the node says. */
export async function startAdapter(settings: Settings, deps: Omit<AdapterDeps, 'stops'>): Promise<{ stop(): Promise<void> }> {
  const stops = new Stops({ clock: SYSTEM_CLOCK, log: deps.log })
  return startParts({ deadlineMs: settings.shutdown_deadline }, { stops, signal: deps.signal }, () => start(settings, { ...deps, stops }))
}

async function start(settings: Settings, deps: AdapterDeps): Promise<void> {
  const { log, registry, health, stops, signal, onWaiting } = deps
  const starts = new StartSteps({ signal, onWaiting })
  const healthPort = createHealthServer({ address: settings.healthListenAddress, settingName: 'healthListenAddress' }, deps)
  stops.add('health port', () => healthPort.stop())
  await starts.run('health port', () => healthPort.start())
  const schemas = await starts.run('schema registry', () => loadSchemas(settings, deps))
  const codec = createCodec({ encodings: topicEncodings(settings) }, schemas)
  const kafka = createKafka(kafkaOptions(settings), { log })
  const [metrics, kafkaMetrics] = [createFlowMetrics(registry), createKafkaMetrics(registry)]
  const topics = topicNames(settings)
  const producer = createProducer(
    { topics: [topics.notifications], flushMs: settings.shutdown_deadline / 5 },
    { clock: SYSTEM_CLOCK, kafka, log, metrics: kafkaMetrics, health: health.part('producer', KAFKA_PATIENCE) },
  )
  stops.add('producer', () => producer.stop())
  await starts.run('producer', () => producer.start())
  const headers = { schema: codec.schemaHeader('notifications'), network: settings.network, 'written-by': 'adapter' }
  const write: SourceDeps['write'] = (value, trace) =>
    producer.send(topics.notifications, {
      key: value.hash,
      value: codec.encode('notifications', value),
      headers: { type: value.type, ...headers, ...trace },
    })
  await startSource(settings, { ...deps, kafka, topics, metrics, kafkaMetrics, write })
}
