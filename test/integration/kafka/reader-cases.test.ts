import kafkajs, { logLevel, type Transaction } from 'kafkajs'
import { expect, onTestFinished, test } from 'vitest'
import { runKafkaTool } from '../../../deploy/local/kafka/tool.ts'
import type { KafkaConnection } from '../../../src/kafka/client/connection.ts'
import { createPartitionReader } from '../../../src/kafka/reader/partition-reader.ts'
import { createTail, type TailGap } from '../../../src/kafka/reader/tail.ts'
import type { KafkaRecord } from '../../../src/kafka/record.ts'
import { MAX_BATCH_RECORDS } from '../../../src/kafka/wire/batch-decoder.ts'
import { BytesWriter } from '../../../src/kafka/wire/bytes/bytes-writer.ts'
import { SYSTEM_CLOCK } from '../../../src/lifecycle/clock.ts'
import { Health } from '../../../src/lifecycle/health.ts'
import { eventually } from '../../support/eventually.ts'
import { createTopic } from '../../support/stack/create-topic.ts'
import { kafkaBrokers } from '../../support/stack/shared-stack.ts'
import { connection, log, metrics, outgoing, producer, randomName } from './parts.ts'
import { produceRaw, rawBatch } from './raw-batch.ts'

/** A tail and a random reader of one topic. */
async function readersOf(topic: string, kafka: KafkaConnection = connection()) {
  const records: KafkaRecord[] = []
  const nexts: bigint[] = []
  const gaps: TailGap[] = []
  const health = new Health({ clock: SYSTEM_CLOCK })
  const counted = metrics()
  const tail = createTail(
    { topic },
    {
      clock: SYSTEM_CLOCK,
      kafka,
      log,
      metrics: counted,
      health: health.part('tail'),
      onRecords: (batch, next) => {
        records.push(...batch)
        nexts.push(next)
      },
      onGap: (gap) => {
        gaps.push(gap)
      },
    },
  )
  const reader = createPartitionReader({ topic }, { clock: SYSTEM_CLOCK, kafka, log })
  onTestFinished(async () => {
    await Promise.all([tail.stop(), reader.stop()])
  })
  await tail.start('earliest')
  const read = () => records.map(({ value }) => `${value}`)
  const readUpToHigh = async () => {
    const found: string[] = []
    const { low, high } = await reader.bounds()
    let from = low
    while (from < high) {
      const page = await reader.read(from)
      expect(page.next > from).toBe(true)
      found.push(...page.records.map(({ value }) => `${value}`))
      from = page.next
    }
    return { found, next: from, high }
  }
  return { tail, records, nexts, gaps, read, readUpToHigh, health, counted }
}

/** A producer of transactions that is not ours. */
async function transactions() {
  const kafka = new kafkajs.Kafka({ clientId: 'transactions', brokers: kafkaBrokers(), logLevel: logLevel.NOTHING })
  const writer = kafka.producer({ transactionalId: randomName('transaction'), idempotent: true, maxInFlightRequests: 1 })
  onTestFinished(() => writer.disconnect())
  await writer.connect()
  return writer
}

const write = (transaction: Transaction, topic: string, ...values: string[]) =>
  transaction.send({ topic, messages: values.map((value) => ({ value })) })

test.each(['commit', 'abort'] as const)('a log that ends in the %s of a transaction is read to its end', async (end) => {
  const topic = await createTopic()
  const transaction = await (await transactions()).transaction()
  await write(transaction, topic, 'a', 'b')
  await transaction[end]()
  const { tail, read, nexts, readUpToHigh } = await readersOf(topic)
  const expected = end === 'commit' ? ['a', 'b'] : []
  await eventually(() => expect(tail.position()).toBe(3n))
  await eventually(() => tail.isLive())
  expect(read()).toEqual(expected)
  expect(nexts.at(-1)).toBe(3n)
  expect(await readUpToHigh()).toEqual({ found: expected, next: 3n, high: 3n })
})

test('transactions that overlap and are aborted in the reverse order leave nothing behind', async () => {
  const topic = await createTopic()
  const [first, second] = [await (await transactions()).transaction(), await (await transactions()).transaction()]
  await write(first, topic, 'first')
  await write(second, topic, 'second')
  await write(first, topic, 'first again')
  await second.abort()
  await write(first, topic, 'first at last')
  await first.abort()
  const lanes = await producer(connection())
  await lanes.send(topic, outgoing('committed', 'committed'))
  const { read, readUpToHigh, tail } = await readersOf(topic)
  await eventually(() => expect(read()).toEqual(['committed']))
  await eventually(() => tail.isLive())
  expect((await readUpToHigh()).found).toEqual(['committed'])
})

test('an open transaction holds readers before it, which are well; its end lets them go on', async () => {
  const topic = await createTopic()
  const lanes = await producer(connection())
  await lanes.send(topic, outgoing('before', 'before'))
  const transaction = await (await transactions()).transaction()
  await write(transaction, topic, 'open')
  await lanes.send(topic, outgoing('behind', 'behind'))
  const { tail, read, readUpToHigh, health } = await readersOf(topic)
  await eventually(() => expect(tail.stall()).toMatchObject({ offset: 1n }))
  expect(tail.isLive()).toBe(true)
  expect(health.report().ready).toBe(true)
  expect(read()).toEqual(['before'])
  expect(await readUpToHigh()).toEqual({ found: ['before'], next: 1n, high: 1n })
  await transaction.commit()
  await eventually(() => expect(read()).toEqual(['before', 'open', 'behind']))
  await eventually(() => tail.stall() === undefined)
})

test.each([-9_000_000_000_000_000, -1, 0])('records with the timestamp %i are read', async (timestamp) => {
  const topic = await createTopic()
  await produceRaw(topic, rawBatch({ records: [outgoing(null, 'a')], timestamp }))
  const { records, readUpToHigh } = await readersOf(topic)
  await eventually(() => expect(records.map((record) => record.timestamp)).toEqual([timestamp]))
  expect((await readUpToHigh()).found).toEqual(['a'])
})

/** Records without anything in them, as few bytes as that takes. */
function emptyRecords(count: number) {
  const writer = new BytesWriter(11 * count)
  for (let delta = 0; delta < count; delta++) {
    const deltaBytes = new BytesWriter(5).varint(delta).written()
    writer
      .varint(5 + deltaBytes.length)
      .int8(0)
      .varint(0)
      .bytes(deltaBytes)
      .varint(-1)
      .varint(-1)
      .varint(0)
  }
  return rawBatch({ records: [], section: { bytes: writer.written(), count }, isGzipped: true })
}

test('a batch of hundreds of thousands of empty records is read in parts, one of more than a million is told of', async () => {
  const topic = await createTopic({ config: { 'max.message.bytes': `${16 << 20}` } })
  await produceRaw(topic, emptyRecords(250_000), emptyRecords(MAX_BATCH_RECORDS + 1), rawBatch({ records: [outgoing(null, 'behind')] }))
  const { records, gaps, nexts } = await readersOf(topic)
  await eventually(() => expect(`${records.at(-1)?.value}`).toBe('behind'), { timeoutMs: 90_000 })
  expect(records).toHaveLength(250_001)
  expect(nexts).toEqual(expect.arrayContaining([4096n, 8192n, 20_000n, 200_000n])) // in portions, between which other work gets its turn
  const next = 250_000n + BigInt(MAX_BATCH_RECORDS + 1)
  expect(gaps).toEqual([{ requested: 250_000n, next, reason: 'undecodable' }])
})

async function quota(clientId: string, ...change: string[]): Promise<void> {
  const args = ['--bootstrap-server', kafkaBrokers().join(), '--alter', ...change, '--entity-type', 'clients', '--entity-name', clientId]
  const { code, stderr } = await runKafkaTool('configs', args)
  expect(code, stderr).toBe(0)
}

test('under a consumer quota a tail is slow, says so, and does not fail', async () => {
  const topic = await createTopic()
  const lanes = await producer(connection())
  const values = Array.from({ length: 300 }, (_, index) => `${index} ${'x'.repeat(1000)}`)
  for (let at = 0; at < values.length; at += 10) {
    await lanes.sendAll(
      topic,
      values.slice(at, at + 10).map((value) => outgoing(null, value)),
    )
  }
  const clientId = randomName('client')
  await quota(clientId, '--add-config', 'consumer_byte_rate=20000')
  const { tail, read, health, counted } = await readersOf(topic, connection({ clientId }))
  const remark = { ready: true, reason: expect.stringContaining('consumer_byte_rate') }
  await eventually(() => expect(health.report().parts[0]).toMatchObject(remark), { timeoutMs: 10_000 })
  await eventually(() => expect(read()).toEqual(values), { timeoutMs: 40_000 })
  await eventually(() => tail.isLive())
  const errors = (await counted.tailErrors.get()).values
  expect(errors).toEqual([])
  expect((await counted.throttled.get()).values[0]?.value).toBeGreaterThan(0.5)
})
