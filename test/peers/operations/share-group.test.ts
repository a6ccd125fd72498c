import { expect, onTestFinished, test } from 'vitest'
import { STEADY } from '../../../deploy/local/kafka/broker-config.ts'
import { startKafka } from '../../../deploy/local/kafka/kafka.ts'
import { type KafkaTool, runKafkaTool } from '../../../deploy/local/kafka/tool.ts'
import { createGroupConsumer } from '../../../src/kafka/group/group-consumer.ts'
import { SYSTEM_CLOCK } from '../../../src/lifecycle/clock.ts'
import { Health } from '../../../src/lifecycle/health.ts'
import { connection, log, metrics, randomName } from '../../integration/kafka/parts.ts'
import { createNodeServices } from '../../support/bridge/node-services.ts'
import { eventually } from '../../support/eventually.ts'
import { createTopic } from '../../support/stack/create-topic.ts'

const SETTINGS = {
  ...STEADY,
  'share.coordinator.state.topic.replication.factor': '1',
  'share.coordinator.state.topic.min.isr': '1',
}

test('a share group that has the name of our group, or wants it: named, and no harm beyond its own', async () => {
  const { brokers, stop } = await startKafka({ isFormatted: true, settings: SETTINGS })
  onTestFinished(stop)
  const [broker = ''] = brokers
  const server = ['--bootstrap-server', broker]
  const tool = (name: KafkaTool, ...args: string[]) => runKafkaTool(name, [...server, ...args])
  // On by default since Kafka 4.2.
  expect(await tool('features', 'upgrade', '--feature', 'share.version=1')).toMatchObject({ code: 0 })
  const kafka = connection({ brokers, clientId: 'node-a' })
  const [topic, groupId] = [await createTopic({ brokers }), randomName('group')]
  const asked = [...server, '--topic', topic, '--group', groupId, '--timeout-ms', '5000']
  const shareConsumer = () => runKafkaTool('console-share-consumer', asked, { timeoutMs: 40_000 })
  await shareConsumer()

  const health = new Health({ clock: SYSTEM_CLOCK })
  const handled: string[] = []
  const deps = { kafka, log, metrics: metrics(), isTransient: () => false, deadLetter: async () => {}, clock: SYSTEM_CLOCK }
  const group = createGroupConsumer(
    { groupId, topics: [topic], ownedTopics: [], sessionTimeoutMs: 6000, maxInFlight: 1 },
    { ...deps, health: health.part('group'), handle: async ({ key }) => void handled.push(String(key)) },
  )
  onTestFinished(() => group.stop())
  const started = group.start()
  const reason = () => health.report().parts[0]?.reason
  // The share group keeps its name without members, until somebody deletes it.
  await eventually(() => expect(reason()).toContain(`the name of the group ${groupId} is taken by a group of another kind`))
  expect(reason()).toContain(`--delete --group ${groupId}`)
  expect(await tool('share-groups', '--delete', '--group', groupId)).toMatchObject({ code: 0 })
  await started
  await eventually(() => expect(group.assigned()).toEqual(new Map([[topic, [0]]])))

  await shareConsumer() // it cannot join, tries again, and is ended by the deadline
  await (await createNodeServices(brokers)).produce(topic, { key: 'a', value: '1' })
  await eventually(() => expect(handled).toContain('a'))
}, 600_000)
