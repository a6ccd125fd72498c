import { expect, onTestFinished, test } from 'vitest'
import { createPartitionReader } from '../../../src/kafka/reader/partition-reader.ts'
import { OffsetOutOfRangeError } from '../../../src/kafka/reader/reading-retries.ts'
import { createTail, type Tail, type TailDeps, type TailGap } from '../../../src/kafka/reader/tail.ts'
import type { KafkaRecord } from '../../../src/kafka/record.ts'
import { SYSTEM_CLOCK } from '../../../src/lifecycle/clock.ts'
import { eventually } from '../../support/eventually.ts'
import { createTopic, deleteTopic } from '../../support/stack/create-topic.ts'
import { connection, health, log, metrics, outgoing, producer } from './parts.ts'

function tailOf(topic: string, deps: Partial<TailDeps> = {}): Tail & { read: string[]; gaps: TailGap[]; records: KafkaRecord[] } {
  const records: KafkaRecord[] = []
  const read: string[] = []
  const gaps: TailGap[] = []
  const tail = createTail(
    { topic },
    {
      clock: SYSTEM_CLOCK,
      kafka: connection(),
      log,
      metrics: metrics(),
      health: health(),
      onRecords: (batch) => {
        records.push(...batch)
        read.push(...batch.map((record) => `${record.value}`))
      },
      onGap: (gap) => {
        gaps.push(gap)
      },
      ...deps,
    },
  )
  onTestFinished(() => tail.stop())
  return Object.assign(tail, { read, gaps, records })
}

async function logWith(values: string[], config: Record<string, string> = {}) {
  const topic = await createTopic({ config: { 'message.timestamp.type': 'LogAppendTime', ...config } })
  const lanes = await producer(connection())
  const add = (more: string[]) =>
    lanes.sendAll(
      topic,
      more.map((value) => outgoing(value, value)),
    )
  if (values.length > 0) await add(values)
  return { topic, add }
}

test('reads from the beginning, goes on with what comes, and is live at the end', async () => {
  const { topic, add } = await logWith(['a', 'b'])
  const tail = tailOf(topic)
  expect(tail.isLive()).toBe(false)
  await tail.start('earliest')
  await eventually(() => expect(tail.read).toEqual(['a', 'b']))
  await add(['c'])
  await eventually(() => expect(tail.read).toEqual(['a', 'b', 'c']))
  expect(tail.position()).toBe(3n)
  await eventually(() => tail.isLive())
  expect(tail.records[0]).toMatchObject({ topic, partition: 0, offset: 0n, headers: { type: 'test' } })
})

test('starts at the end, at an offset and at a time', async () => {
  const { topic, add } = await logWith(['old'])
  await eventually(() => Date.now() % 50 < 20)
  const afterOld = Date.now() + 5
  await eventually(() => Date.now() > afterOld)
  await add(['new', 'newer'])
  const [latest, offset, time] = [tailOf(topic), tailOf(topic), tailOf(topic)]
  await Promise.all([latest.start('latest'), offset.start(2n), time.start({ time: afterOld })])
  await add(['last'])
  await eventually(() => expect(latest.read).toEqual(['last']))
  await eventually(() => expect(offset.read).toEqual(['newer', 'last']))
  await eventually(() => expect(time.read).toEqual(['new', 'newer', 'last']))
})

test('records that are gone are a gap, and the tail goes on at the oldest', async () => {
  const { topic, add } = await logWith(['a', 'b', 'c'])
  await connection().withAdmin(async (admin) => {
    await admin.fetchTopicMetadata({ topics: [topic] })
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '2' }] })
  })
  const tail = tailOf(topic)
  await tail.start(0n)
  await add(['d'])
  await eventually(() => expect(tail.read).toEqual(['c', 'd']))
  expect(tail.gaps).toEqual([{ requested: 0n, next: 2n, reason: 'expired' }])
})

test.each([
  ['shorter than the old one', ['x']],
  ['longer than the old one', ['v', 'w', 'x', 'y', 'z']],
])('a topic made anew, %s, is read from its beginning and reported', async (_, values) => {
  const { topic } = await logWith(['a', 'b', 'c'])
  const tail = tailOf(topic)
  await tail.start('earliest')
  await eventually(() => expect(tail.read).toEqual(['a', 'b', 'c']))
  await deleteTopic(topic)
  await eventually(() => !tail.isLive())
  await eventually(() => createTopic({ name: topic }).then(() => true))
  const lanes = await producer(connection())
  await lanes.sendAll(
    topic,
    values.map((value) => outgoing(value, value)),
  )
  await eventually(() => expect(tail.read.slice(3)).toEqual(values), { timeoutMs: 10_000 })
  expect(tail.gaps).toEqual([{ requested: 3n, next: 0n, reason: 'topic-made-anew' }])
})

test('a listener that throws stops nothing and is not taken for a fault of the broker', async () => {
  const { topic, add } = await logWith(['a'])
  const read: string[] = []
  const tail = tailOf(topic, {
    onRecords: (batch) => {
      read.push(...batch.map((record) => `${record.value}`))
      throw new TypeError('ours')
    },
  })
  await tail.start('earliest')
  await eventually(() => expect(read).toEqual(['a']))
  await add(['b'])
  await eventually(() => expect(read).toEqual(['a', 'b']))
})

test('seek moves the tail, backwards too', async () => {
  const { topic } = await logWith(['a', 'b', 'c'])
  const tail = tailOf(topic)
  await tail.start('earliest')
  await eventually(() => expect(tail.read).toEqual(['a', 'b', 'c']))
  tail.seek(1n)
  await eventually(() => expect(tail.read).toEqual(['a', 'b', 'c', 'b', 'c']))
})

test('a missing topic is named, and read once it is there', async () => {
  const part = health()
  const name = `late-${Date.now()}`
  const tail = tailOf(name, { health: part })
  const started = tail.start('earliest')
  await eventually(() => expect(part.said.join()).toContain(`topic ${name} does not exist`))
  await createTopic({ name })
  const lanes = await producer(connection())
  await lanes.send(name, outgoing('a', 'a'))
  await started
  await eventually(() => expect(tail.read).toEqual(['a']))
  expect(part.isReady()).toBe(true)
})

test('without Kafka the start can be stopped', async () => {
  const tail = tailOf('anything', { kafka: connection({ brokers: ['127.0.0.1:1'] }) })
  const started = tail.start('latest')
  await tail.stop()
  await started
})

test('the reader reads at random, knows the bounds and finds offsets by time', async () => {
  const { topic } = await logWith(Array.from({ length: 300 }, (_, index) => `${index}`))
  const reader = createPartitionReader({ topic }, { clock: SYSTEM_CLOCK, kafka: connection(), log })
  onTestFinished(() => reader.stop())
  expect(await reader.bounds()).toEqual({ low: 0n, high: 300n })
  const { records, high } = await reader.read(123n)
  expect(records[0]).toMatchObject({ offset: 123n })
  expect(high).toBe(300n)
  expect((await reader.read(300n)).records).toEqual([])
  expect(await reader.offsetAt(0)).toBe(0n)
  expect(await reader.offsetAt(Date.now() + 60_000)).toBe(300n)
  await expect(reader.read(301n)).rejects.toBeInstanceOf(OffsetOutOfRangeError)
})
