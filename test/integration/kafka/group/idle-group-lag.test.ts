import { expect, onTestFinished, test } from 'vitest'
import { createGroupConsumer } from '../../../../src/kafka/group/group-consumer.ts'
import { IdleGroupLag } from '../../../../src/kafka/group/watch/idle-group-lag.ts'
import { SYSTEM_CLOCK } from '../../../../src/lifecycle/clock.ts'
import { eventually } from '../../../support/eventually.ts'
import { createTopic } from '../../../support/stack/create-topic.ts'
import { connection, health, log, metrics, outgoing, producer, randomName } from '../parts.ts'

async function topicWith(values: string[]): Promise<string> {
  const topic = await createTopic({ partitions: 2 })
  const lanes = await producer(connection())
  const records = values.map((value) => outgoing(value, value))
  await lanes.sendAll(topic, records, { partition: 0 })
  return topic
}

function watch(groupId: string, topic: string, isOurs = () => true) {
  const kafkaMetrics = metrics()
  const lag = new IdleGroupLag({ groupId, topics: [topic], everyMs: 100 }, { kafka: connection(), metrics: kafkaMetrics, isOurs, log })
  onTestFinished(() => lag.stop())
  lag.start()
  const shown = async () => {
    const { values } = await kafkaMetrics.groupLag.get()
    return values.map(({ labels, value }) => [labels.group, labels.topic, labels.partition, value]).sort()
  }
  return { lag, shown }
}

const committed = (groupId: string, topic: string) =>
  connection().withAdmin(async (admin) => (await admin.fetchOffsets({ groupId, topics: [topic] }))[0]?.partitions)

test('a group that never had a member shows what waits for it, here and in Kafka’s own tool', async () => {
  const topic = await topicWith(['a', 'b', 'c'])
  const groupId = randomName('group')
  const { lag, shown } = watch(groupId, topic)
  await eventually(
    async () =>
      expect(await shown()).toEqual([
        [groupId, topic, '0', 3],
        [groupId, topic, '1', 0],
      ]),
    { timeoutMs: 15_000 },
  )
  // Kafka's tool shows a lag where there is an offset.
  await eventually(
    async () =>
      expect(await committed(groupId, topic)).toMatchObject([
        { partition: 0, offset: '0' },
        { partition: 1, offset: '0' },
      ]),
    { timeoutMs: 15_000 },
  )
  await lag.stop()
  expect(await shown()).toEqual([])
})

test('a group with a member is left to it, and goes on where it was when the member has left', async () => {
  const topic = await topicWith(['a', 'b', 'c'])
  const groupId = randomName('group')
  const handled: string[] = []
  const group = createGroupConsumer(
    { groupId, topics: [topic], sessionTimeoutMs: 30_000, maxInFlight: 10 },
    {
      clock: SYSTEM_CLOCK,
      kafka: connection(),
      log,
      metrics: metrics(),
      health: health(),
      isTransient: () => false,
      deadLetter: async () => {},
      handle: async ({ value }) => void handled.push(`${value}`),
    },
  )
  onTestFinished(() => group.stop())
  await group.start()
  await eventually(async () => expect(await group.committed(topic, 0)).toMatchObject({ next: 3n }), { timeoutMs: 15_000 })

  let looks = 0
  const { shown } = watch(groupId, topic, () => ++looks > 0)
  await eventually(() => expect(looks).toBeGreaterThan(3), { timeoutMs: 15_000 })
  expect(await shown()).toEqual([])
  await group.stop()
  await eventually(
    async () =>
      expect(await shown()).toEqual([
        [groupId, topic, '0', 0],
        [groupId, topic, '1', 0],
      ]),
    { timeoutMs: 15_000 },
  )
  expect(await committed(groupId, topic)).toMatchObject([{ offset: '3' }, { partition: 1 }])
  expect(handled).toEqual(['a', 'b', 'c'])
})

test('of several instances only the one that it is left to looks', async () => {
  const topic = await topicWith(['a'])
  const groupId = randomName('group')
  let looks = 0
  const { shown } = watch(groupId, topic, () => ++looks < 0)
  await eventually(() => expect(looks).toBeGreaterThan(3))
  expect(await shown()).toEqual([])
})
