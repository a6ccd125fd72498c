import { expect, onTestFinished, test } from 'vitest'
import { partitionOf } from '../../../src/kafka/producer/partitioner.ts'
import { createProducer } from '../../../src/kafka/producer/producer.ts'
import { LaneFullError, ProducerStoppedError, RecordRefusedError } from '../../../src/kafka/producer/producer-errors.ts'
import { SYSTEM_CLOCK } from '../../../src/lifecycle/clock.ts'
import { eventually } from '../../support/eventually.ts'
import { granted } from '../../support/granted.ts'
import { createTopic, deleteTopic } from '../../support/stack/create-topic.ts'
import { connection, health, log, metrics, outgoing, producer, randomName, readAll } from './parts.ts'

test('writes each record once, in order, where Java would put its key', async () => {
  const topic = await createTopic({ partitions: 3 })
  const kafka = connection()
  const lanes = await producer(kafka)
  const keys = Array.from({ length: 2000 }, (_, index) => `key-${index}`)
  const acks = await Promise.all(keys.map((key) => lanes.send(topic, outgoing(key))))
  expect(acks.map((ack) => ack.partition)).toEqual(keys.map((key) => partitionOf(key, 3)))
  const records = await readAll(kafka, topic)
  expect(records.map((record) => `${record.key}`).sort()).toEqual([...keys].sort())
  for (const record of records) {
    const index = keys.indexOf(`${record.key}`)
    expect(acks[index]).toEqual({ topic, partition: record.partition, offset: record.offset })
    expect({ ...record.headers }).toEqual({ type: 'test' })
  }
})

test('a given partition, a missing key and a tombstone are taken as they are', async () => {
  const topic = await createTopic({ partitions: 2 })
  const kafka = connection()
  const lanes = await producer(kafka)
  await lanes.send(topic, { key: 'k', value: null, headers: {} }, { partition: 1 })
  await lanes.sendAll(topic, [outgoing(null, 'a'), outgoing(null, 'b')])
  const records = await readAll(kafka, topic)
  expect(records.find((record) => record.value === null)).toMatchObject({ partition: 1 })
  expect(records.filter((record) => record.key === null)).toHaveLength(2)
  expect(lanes.queued()).toEqual({ records: 0, bytes: 0 })
})

test('only the record that is too large for the topic is refused, its neighbours are written', async () => {
  const topic = await createTopic({ config: { 'max.message.bytes': '10000' } })
  const kafka = connection()
  const lanes = await producer(kafka, { lingerMs: 20 })
  const records = Array.from({ length: 20 }, (_, index) => outgoing(`${index}`, index === 7 ? 'x'.repeat(20_000) : 'small'))
  const outcomes = await Promise.allSettled(records.map((record) => lanes.send(topic, record)))
  const refused = outcomes.flatMap((outcome, index) => (outcome.status === 'rejected' ? [{ index, reason: outcome.reason }] : []))
  expect(refused).toEqual([{ index: 7, reason: expect.any(RecordRefusedError) }])
  expect((await readAll(kafka, topic)).map((record) => `${record.key}`)).toEqual(
    records.flatMap((_, index) => (index === 7 ? [] : [`${index}`])),
  )
})

test('a missing topic waits, is named with the command that makes it, and does not hold up another topic', async () => {
  const missing = randomName('missing')
  const present = await createTopic()
  const part = health()
  const kafka = connection()
  const lanes = await producer(kafka, {}, part)
  const waiting = lanes.send(missing, outgoing('a'))
  await lanes.send(present, outgoing('b'))
  await eventually(() => expect(part.said.join()).toMatch(new RegExp(`topic ${missing} does not exist.*gossip-bridge topics create`)))
  expect(part.isReady()).toBe(false)
  await createTopic({ name: missing })
  expect(await waiting).toMatchObject({ topic: missing, offset: 0n })
  await eventually(() => expect(part.isReady()).toBe(true))
})

test('a topic that is deleted while in use waits for its return and holds up nobody', async () => {
  const [doomed, other] = [await createTopic(), await createTopic()]
  const kafka = connection()
  const lanes = await producer(kafka)
  await lanes.send(doomed, outgoing('before'))
  await deleteTopic(doomed)
  const waiting = lanes.send(doomed, outgoing('after'))
  for (let index = 0; index < 20; index++) await lanes.send(other, outgoing(`${index}`))
  await createTopic({ name: doomed })
  expect(await waiting).toMatchObject({ topic: doomed })
  expect((await readAll(kafka, doomed)).map((record) => `${record.key}`)).toEqual(['after'])
})

test('what waits for a partition goes to the others when the topic is made again with fewer', async () => {
  const topic = await createTopic({ partitions: 3 })
  const kafka = connection()
  const part = health()
  const lanes = await producer(kafka, {}, part)
  const keys = Array.from({ length: 30 }, (_, index) => `key-${index}`)
  await Promise.all(keys.map((key) => lanes.send(topic, outgoing(key))))
  await deleteTopic(topic)
  const acks = Promise.all(keys.map((key) => lanes.send(topic, outgoing(key))))
  await eventually(() => expect(part.said.join()).toMatch(/does not exist/))
  const waiting = lanes.queued().records
  await createTopic({ name: topic })
  expect(await acks).toHaveLength(keys.length)
  expect((await lanes.send(topic, outgoing('later'))).partition).toBe(0)
  const found = (await readAll(kafka, topic)).map(({ key }) => `${key}`)
  expect(found).toEqual([...new Set(found)])
  expect(found.length).toBeGreaterThan(20)
  expect(found.length).toBeLessThanOrEqual(waiting + 1)
  expect(waiting).toBeGreaterThan(20) // of three partitions; the broker may still take what comes as it deletes
})

test('a full queue turns records away and takes more once it has drained', async () => {
  const missing = randomName('missing')
  const lanes = await producer(connection(), { maxQueuedRecords: 3 })
  const waiting = lanes.sendAll(missing, [outgoing('1'), outgoing('2')])
  await expect(lanes.sendAll(missing, [outgoing('3'), outgoing('4')])).rejects.toBeInstanceOf(LaneFullError)
  await createTopic({ name: missing })
  await waiting
  await lanes.sendAll(missing, [outgoing('3'), outgoing('4'), outgoing('5')])
})

test('what is larger than the whole queue is taken while the queue is not full', async () => {
  const topic = await createTopic()
  const lanes = await producer(connection(), { maxQueuedRecords: 3, maxQueuedBytes: 1000 })
  expect(await lanes.send(topic, outgoing('large', 'x'.repeat(2000)))).toMatchObject({ topic })
  const many = ['1', '2', '3', '4'].map((key) => outgoing(key))
  expect(await lanes.sendAll(topic, many)).toHaveLength(4)
  const waiting = lanes.send(topic, outgoing('large', 'x'.repeat(2000)))
  await expect(lanes.send(topic, outgoing('large', 'x'.repeat(2000)))).rejects.toBeInstanceOf(LaneFullError)
  await waiting
})

test('stop flushes what is queued', async () => {
  const topic = await createTopic()
  const kafka = connection()
  const lanes = await producer(kafka, { lingerMs: 50 })
  const sent = Array.from({ length: 100 }, (_, index) => lanes.send(topic, outgoing(`${index}`)))
  await lanes.stop()
  expect(await Promise.all(sent)).toHaveLength(100)
  await expect(lanes.send(topic, outgoing('late'))).rejects.toBeInstanceOf(ProducerStoppedError)
})

test('without Kafka it says so, keeps trying, and stops within its deadline', async () => {
  const part = health()
  const lanes = createProducer(
    { flushMs: 300 },
    { clock: SYSTEM_CLOCK, kafka: connection({ brokers: ['127.0.0.1:1'] }), log, metrics: metrics(), health: part },
  )
  onTestFinished(() => lanes.stop())
  const started = lanes.start()
  const sent = lanes.send('anywhere', outgoing('a'))
  const outcome = expect(sent).rejects.toBeInstanceOf(ProducerStoppedError)
  await eventually(() => expect(part.said.join()).toContain('Kafka at 127.0.0.1:1 does not answer'))
  const stopsAt = performance.now()
  await lanes.stop()
  expect(performance.now() - stopsAt).toBeLessThan(granted(2000))
  await outcome
  await started
})
