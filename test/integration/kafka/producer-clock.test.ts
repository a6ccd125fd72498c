import { Registry } from 'prom-client'
import { expect, onTestFinished, test } from 'vitest'
import { createProducer, type Producer } from '../../../src/kafka/producer/producer.ts'
import { type Clock, SYSTEM_CLOCK } from '../../../src/lifecycle/clock.ts'
import { Health } from '../../../src/lifecycle/health.ts'
import { createKafkaMetrics } from '../../../src/telemetry/kafka-metrics.ts'
import { createTopic } from '../../support/stack/create-topic.ts'
import { connection, log, outgoing, readAll } from './parts.ts'

const HOUR = 3_600_000
const COUNT = 20

async function producerAhead(aheadMs: number): Promise<{ lanes: Producer; health: Health; registry: Registry }> {
  const health = new Health({ clock: SYSTEM_CLOCK })
  const registry = new Registry()
  const clock: Clock = { ...SYSTEM_CLOCK, wall: () => Date.now() + aheadMs }
  const deps = { kafka: connection(), log, metrics: createKafkaMetrics(registry), health: health.part('producer'), clock }
  const lanes = createProducer({}, deps)
  onTestFinished(() => lanes.stop())
  await lanes.start()
  return { lanes, health, registry }
}

const records = Array.from({ length: COUNT }, (_, index) => outgoing(`${index}`))

test.each([2 * HOUR, 30 * 24 * HOUR, -2 * HOUR])(
  'a clock that is off by %d ms loses nothing, is told, and does not get into the records',
  async (aheadMs) => {
    const [eventLog, topic] = [await createTopic({ config: { 'message.timestamp.type': 'LogAppendTime' } }), await createTopic()]
    const { lanes, health, registry } = await producerAhead(aheadMs)
    await lanes.send(eventLog, outgoing('instance record'))
    await Promise.all(records.map((record) => lanes.send(topic, record)))
    const written = await readAll(connection(), topic)
    expect(written).toHaveLength(COUNT)
    for (const { timestamp } of written) expect(Math.abs(timestamp - Date.now())).toBeLessThan(10_000)
    const side = aheadMs > 0 ? 'ahead of' : 'behind'
    expect(health.report().parts[0]).toMatchObject({
      ready: true,
      reason: expect.stringMatching(new RegExp(`clock of this host is \\d+ s ${side}`)),
    })
    const [metric] = (await registry.getSingleMetric('bridge_clock_ahead_seconds')?.get())?.values ?? []
    expect(Math.round((metric?.value ?? 0) / 60)).toBe(aheadMs / 60_000)
  },
)

test('where no broker tells its time, a refused timestamp is tried with others until the records are taken', async () => {
  // The default since Kafka 4.0; brokers before it take any time ahead.
  const topic = await createTopic({ partitions: 3, config: { 'message.timestamp.after.max.ms': String(HOUR) } })
  const { lanes, registry } = await producerAhead(26 * HOUR)
  await Promise.all(records.map((record) => lanes.send(topic, record)))
  const written = await readAll(connection(), topic)
  expect(written).toHaveLength(COUNT)
  for (const { timestamp } of written) expect(timestamp - Date.now()).toBeLessThan(HOUR)
  expect(await registry.metrics()).not.toMatch(/bridge_lane_refused_total\{.*\} [1-9]/)
})
