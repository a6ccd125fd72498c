import { Registry } from 'prom-client'
import { expect, onTestFinished, test } from 'vitest'
import { runKafkaTool } from '../../../deploy/local/kafka/tool.ts'
import { createProducer } from '../../../src/kafka/producer/producer.ts'
import { SYSTEM_CLOCK } from '../../../src/lifecycle/clock.ts'
import { Health } from '../../../src/lifecycle/health.ts'
import { createKafkaMetrics } from '../../../src/telemetry/kafka-metrics.ts'
import { eventually } from '../../support/eventually.ts'
import { createTopic } from '../../support/stack/create-topic.ts'
import { kafkaBrokers } from '../../support/stack/shared-stack.ts'
import { connection, log, outgoing, randomName, readAll } from './parts.ts'

const server = ['--bootstrap-server', kafkaBrokers().join(',')]
const WRITE_EACH_MS = 100

async function quota(clientId: string, ...change: string[]): Promise<void> {
  const { code, stderr } = await runKafkaTool('configs', [
    ...server,
    '--alter',
    ...change,
    '--entity-type',
    'clients',
    '--entity-name',
    clientId,
  ])
  expect(code, stderr).toBe(0)
}

test.each([
  ['a trickle', 0],
  ['a burst of 150 KB first', 500],
])('under a producer quota it is slow and says why, and goes on at once when the quota is lifted: %s', async (_what, burst) => {
  const clientId = randomName('client')
  const topic = await createTopic({ partitions: 2 })
  await quota(clientId, '--add-config', 'producer_byte_rate=1000')
  const kafka = connection({ clientId })
  const said: string[] = []
  const health = new Health({ clock: SYSTEM_CLOCK, onChange: ({ reason }) => said.push(reason) })
  const registry = new Registry()
  const lanes = createProducer(
    { topics: [topic] },
    { clock: SYSTEM_CLOCK, kafka, log, metrics: createKafkaMetrics(registry), health: health.part('producer') },
  )
  onTestFinished(() => lanes.stop())
  await lanes.start()
  await eventually(() => expect(health.report().ready).toBe(true))

  // The first record of a partition may have to wait for its leader.
  for (const partition of [0, 1]) await lanes.send(topic, outgoing('0'), { partition })
  const retries = async () => /bridge_lane_retries_total\{.*\} (\d+)/.exec(await registry.metrics())?.[1]
  const retriesBefore = await retries()
  const sent: Promise<unknown>[] = []
  const write = () => {
    const ack = lanes.send(topic, outgoing(`${sent.length}`, 'x'.repeat(250)))
    ack.catch(() => {}) // heard at the end
    sent.push(ack)
  }
  for (let index = 0; index < burst; index++) write()
  const timer = setInterval(write, WRITE_EACH_MS)
  try {
    await eventually(() => expect(lanes.queued().records).toBeGreaterThan(150), { timeoutMs: 40_000 })
    const slow = { ready: true, reason: expect.stringMatching(/producer quota.*producer_byte_rate/) }
    await eventually(() => expect(health.report().parts[0]).toMatchObject(slow))
    await quota(clientId, '--delete-config', 'producer_byte_rate')
  } finally {
    clearInterval(timer)
  }
  await eventually(() => expect(lanes.queued().records).toBe(0), { timeoutMs: 10_000 })
  await eventually(() => expect(health.report().parts[0]).toMatchObject({ ready: true, reason: 'ok' }), { timeoutMs: 10_000 })
  await Promise.all(sent)
  const keys = (await readAll(kafka, topic)).map(({ key }) => Number(`${key}`))
  expect(keys.sort((left, right) => left - right)).toEqual([0, 0, ...sent.map((_, index) => index)])
  expect(said.filter((reason) => /does not answer|not ready/.test(reason))).toEqual([])
  expect(await retries()).toBe(retriesBefore)
  expect(await registry.metrics()).toMatch(/bridge_lane_throttled_seconds_total\{.*\} [1-9]/)
})
