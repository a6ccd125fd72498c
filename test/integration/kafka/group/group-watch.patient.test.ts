import { pino } from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import { STEADY } from '../../../../deploy/local/kafka/broker-config.ts'
import { startKafka } from '../../../../deploy/local/kafka/kafka.ts'
import { runKafkaTool } from '../../../../deploy/local/kafka/tool.ts'
import { createGroupConsumer } from '../../../../src/kafka/group/group-consumer.ts'
import { describeGroup } from '../../../../src/kafka/group/watch/group-members.ts'
import { createGroupWatch } from '../../../../src/kafka/group/watch/group-watch.ts'
import { SYSTEM_CLOCK } from '../../../../src/lifecycle/clock.ts'
import { Health } from '../../../../src/lifecycle/health.ts'
import { eventually } from '../../../support/eventually.ts'
import { createTopic } from '../../../support/stack/create-topic.ts'
import { connection, health, log, metrics, randomName } from '../parts.ts'

/** Kafka's own console consumer, of the protocol of KIP-848. It ends by itself. */
function consoleConsumer(broker: string, topic: string, group: string) {
  const options = ['--group', group, '--consumer-property', 'group.protocol=consumer', '--timeout-ms', '12000']
  return runKafkaTool('console-consumer', ['--bootstrap-server', broker, '--topic', topic, ...options])
}

test('a program of the consumer protocol in a group of the bridge is recognised, and told until it has left', async () => {
  const { brokers, stop } = await startKafka({ isFormatted: true, settings: STEADY })
  onTestFinished(stop)
  const [broker = ''] = brokers
  const kafka = connection({ brokers, clientId: 'node-a' })
  const topic = await createTopic({ brokers })
  const groupId = randomName('group')
  const kafkaMetrics = metrics()
  const ready = new Health({ clock: SYSTEM_CLOCK })
  const lines: string[] = []
  const watch = createGroupWatch(
    { clientId: 'node-a', groups: [{ groupId, topics: [topic] }], lookEachMs: 500 },
    { kafka, log: pino({ level: 'warn' }, { write: (line: string) => void lines.push(line) }), health: ready, metrics: kafkaMetrics },
  )
  const deps = { kafka, log, metrics: kafkaMetrics, health: health(), isTransient: () => false, deadLetter: async () => {} }
  const group = createGroupConsumer(
    { groupId, topics: [], ownedTopics: [topic], sessionTimeoutMs: 6000, maxInFlight: 1 },
    { clock: SYSTEM_CLOCK, ...deps, handle: async () => {}, onAssignment: () => watch.rebalanced() },
  )
  onTestFinished(async () => {
    await Promise.all([group.stop(), watch.stop()])
  })
  await group.start()
  const foreign = async () => (await kafkaMetrics.groupForeignMembers.get()).values.map(({ value }) => value)
  const sentence = () => ready.report().parts.find(({ part }) => part === 'group members')?.reason
  await eventually(async () => expect(await foreign()).toEqual([0]), { timeoutMs: 10_000 })
  expect(sentence()).toBe('instances of this bridge only')

  const stranger = consoleConsumer(broker, topic, groupId)
  onTestFinished(async () => void (await stranger))
  await eventually(async () => expect(await describeGroup(kafka, groupId)).toMatchObject({ protocol: 'consumer' }), { timeoutMs: 20_000 })
  await eventually(async () => expect(await foreign()).toEqual([1]), { timeoutMs: 20_000 })
  expect(sentence()).toMatch(new RegExp(`${groupId} has foreign members.*client "console-consumer" at 127.0.0.1`))
  expect(lines.join()).toContain('somebody else is a member of a consumer group of this bridge')

  await stranger
  await eventually(async () => expect(await foreign()).toEqual([0]), { timeoutMs: 20_000 })
  await eventually(() => expect(group.assigned()).toEqual(new Map([[topic, [0]]])), { timeoutMs: 20_000 })
})
