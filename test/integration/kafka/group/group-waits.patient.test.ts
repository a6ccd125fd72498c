import { expect, onTestFinished, test } from 'vitest'
import { runKafkaTool } from '../../../../deploy/local/kafka/tool.ts'
import { eventually } from '../../../support/eventually.ts'
import { createTopic } from '../../../support/stack/create-topic.ts'
import { kafkaBrokers } from '../../../support/stack/shared-stack.ts'
import { randomName } from '../parts.ts'
import { beginTransaction, sendIn } from '../transactions.ts'
import { member, numbers, send, toldLag } from './member.ts'

test('an open transaction holds back what is behind it: the lag shows it, and after 30 s readiness does', async () => {
  const topic = await createTopic()
  await send(topic, ['before'])
  const transaction = await beginTransaction({ timeoutMs: 600_000 })
  await sendIn(transaction, topic, ['in the transaction'])
  await send(topic, numbers(100))
  const { group, groupId, handled, lag, part } = await member(topic)
  await eventually(async () => expect(await group.committed(topic, 0)).toMatchObject({ next: 1n }))
  await eventually(async () => expect(await lag()).toEqual([101]))
  expect(await toldLag(groupId)).toBe(101)
  await eventually(() => expect(part.detail()).toMatch(new RegExp(`transaction.*${topic}:0`)), { timeoutMs: 45_000 })
  expect(part.isReady()).toBe(true)
  expect(await lag()).toEqual([101])
  await transaction.commit()
  await eventually(() => expect(handled).toEqual(['before', 'in the transaction', ...numbers(100)]))
  await eventually(async () => expect(await lag()).toEqual([0]))
  await eventually(async () => expect(await toldLag(groupId)).toBe(0))
  await eventually(() => expect(part.detail()).toBe('ok'))
})

test('a quota makes the group slow, and readiness says so', async () => {
  const topic = await createTopic()
  const value = 'x'.repeat(10_000)
  for (let batch = 0; batch < 3; batch++) await send(topic, [value, value, value, value, value, value, value, value])
  const quota = ['--bootstrap-server', kafkaBrokers().join(','), '--alter', '--entity-type', 'clients', '--entity-name', 'slow']
  await runKafkaTool('configs', [...quota, '--add-config', 'consumer_byte_rate=20000'])
  onTestFinished(async () => void (await runKafkaTool('configs', [...quota, '--delete-config', 'consumer_byte_rate'])))
  const { handled, part } = await member(topic, randomName('group'), { clientId: 'slow' })
  await eventually(() => expect(part.detail()).toMatch(/quota/), { timeoutMs: 30_000 })
  await eventually(() => expect(handled).toHaveLength(24), { timeoutMs: 60_000 })
  expect(part.said).toEqual([])
})
