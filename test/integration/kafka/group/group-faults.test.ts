import { expect, onTestFinished, test, vi } from 'vitest'
import { commitMetadata } from '../../../../src/kafka/group/membership/commit-metadata.ts'
import { CommitRefusedError, GroupOffsets, NO_MEMBER } from '../../../../src/kafka/group/membership/group-offsets.ts'
import { eventually } from '../../../support/eventually.ts'
import { createTopic, deleteTopic } from '../../../support/stack/create-topic.ts'
import { connection, outgoing, producer, randomName } from '../parts.ts'
import { beginTransaction, sendIn } from '../transactions.ts'
import { member, numbers, send, toldLag } from './member.ts'

test('aborted records are not handled, whatever the order in which overlapping transactions are aborted', async () => {
  const topic = await createTopic()
  const [first, second] = [await beginTransaction(), await beginTransaction()]
  await sendIn(first, topic, ['a1'])
  await sendIn(second, topic, ['b1'])
  await sendIn(first, topic, ['a2'])
  await second.abort()
  await sendIn(first, topic, ['a3'])
  await first.abort()
  await send(topic, ['after'])
  const { handled } = await member(topic)
  await eventually(() => expect(handled).toEqual(['after']))
})

test('records that were aborted at the end of a topic leave no lag, here and in Kafka’s own tool', async () => {
  const topic = await createTopic()
  await send(topic, ['first'])
  const transaction = await beginTransaction()
  await sendIn(transaction, topic, numbers(20))
  await transaction.abort()
  const { groupId, handled, lag } = await member(topic)
  await eventually(async () => expect(await lag()).toEqual([0]))
  await eventually(async () => expect(await toldLag(groupId)).toBe(0))
  expect(handled).toEqual(['first'])
})

test('records that were deleted while the group was away are counted and told', async () => {
  const topic = await createTopic()
  await send(topic, numbers(4))
  const first = await member(topic)
  await eventually(async () => expect(await first.group.committed(topic, 0)).toMatchObject({ next: 4n }))
  await first.group.stop()
  await send(topic, numbers(6))
  await connection().withAdmin(async (admin) => {
    await admin.fetchTopicMetadata({ topics: [topic] })
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '10' }] })
  })
  await send(topic, ['kept'])
  const second = await member(topic, first.groupId)
  await eventually(() => expect(second.handled).toEqual(['kept']))
  const lost = (await second.kafkaMetrics.groupLostOffsets.get()).values
  expect(lost).toMatchObject([{ labels: { topic, partition: '0' }, value: 6 }])
  await eventually(async () => expect(await second.lag()).toEqual([0]))
})

test('an offset that was committed in another topic of that name is not good for this one', async () => {
  const topic = await createTopic()
  await send(topic, numbers(6))
  const groupId = randomName('group')
  const offsets = new GroupOffsets({ groupId }, { kafka: connection() })
  onTestFinished(() => offsets.close())
  // Kafka keeps such an offset when a commit was under way while the topic was deleted.
  await offsets.commit(NO_MEMBER, [
    { topic, partition: 0, next: 4n, metadata: commitMetadata({ leaderEpoch: 0, topicId: 'ab'.repeat(16) }) },
  ])
  const { handled, kafkaMetrics } = await member(topic, groupId)
  await eventually(() => expect(handled).toEqual(numbers(6)))
  expect((await kafkaMetrics.groupMoves.get()).values).toMatchObject([{ labels: { reason: 'topic-made-anew' }, value: 1 }])
})

test('a topic that is deleted and created again under a member is read from its beginning', async () => {
  const topic = await createTopic()
  await send(topic, numbers(4))
  const { group, handled, lag } = await member(topic)
  await eventually(async () => expect(await group.committed(topic, 0)).toMatchObject({ next: 4n }))
  await deleteTopic(topic)
  await eventually(() => createTopic({ name: topic }), { timeoutMs: 10_000 })
  const anew = numbers(6).map((value) => `new ${value}`)
  await send(topic, anew)
  await eventually(() => expect(handled.slice(4)).toEqual(anew), { timeoutMs: 30_000 })
  await eventually(async () => expect(await lag()).toEqual([0]), { timeoutMs: 10_000 })
})

test('partitions that are added are read from their beginning', async () => {
  const topic = await createTopic()
  const { handled, group } = await member(topic)
  await eventually(() => expect(group.assigned().get(topic)).toEqual([0]))
  await connection().withAdmin((admin) => admin.createPartitions({ topicPartitions: [{ topic, count: 2 }] }))
  const lanes = await producer(connection())
  await eventually(() => lanes.send(topic, outgoing('added', 'added'), { partition: 1 }))
  await eventually(() => expect(handled).toEqual(['added']), { timeoutMs: 20_000 })
})

test('a commit of an earlier generation is refused by the coordinator', async () => {
  const topic = await createTopic({ partitions: 2 })
  const first = await member(topic)
  await eventually(() => expect(first.group.assigned().get(topic)).toEqual([0, 1]))
  const joined = async () => (await first.kafkaMetrics.groupJoins.get()).values[0]?.value
  const second = await member(topic, first.groupId)
  await eventually(() => expect(second.group.assigned().get(topic)).toHaveLength(1))
  await eventually(async () => expect(await joined()).toBeGreaterThanOrEqual(2))
  const offsets = new GroupOffsets({ groupId: first.groupId }, { kafka: connection() })
  onTestFinished(() => offsets.close())
  const late = offsets.commit({ generationId: 1, memberId: 'whoever' }, [{ topic, partition: 0, next: 9n }])
  await expect(late).rejects.toBeInstanceOf(CommitRefusedError)
  expect(await first.group.committed(topic, 0)).toBeUndefined()
})

test.each([-120_000, 120_000])('a wall clock that is set by %i ms stops neither heartbeats nor reading', async (byMs) => {
  const topic = await createTopic()
  const { group, handled, kafkaMetrics, lag } = await member(topic)
  await eventually(() => expect(group.isCurrent()).toBe(true))
  vi.useFakeTimers({ toFake: ['Date'] })
  onTestFinished(() => void vi.useRealTimers())
  vi.setSystemTime(Date.now() + byMs)
  const since = performance.now()
  await eventually(() => expect(group.lastHeartbeatSentAt()).toBeGreaterThan(since + 3000))
  await send(topic, numbers(3))
  await eventually(() => expect(handled).toEqual(numbers(3)))
  vi.useRealTimers()
  await eventually(async () => expect(await lag()).toEqual([0]))
  expect((await kafkaMetrics.groupJoins.get()).values[0]?.value).toBe(1)
})
