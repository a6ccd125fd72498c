import type { Batch } from 'kafkajs'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import { expect, test } from 'vitest'
import { AssignedPartitions, type AssignedPartitionsDeps } from '../../../../src/kafka/group/assigned-partitions.ts'
import { createKafkaMetrics } from '../../../../src/telemetry/kafka-metrics.ts'

/** A fetched batch of partition 0 of topic `t`, as kafkajs hands it over. */
function batch(from: number, count: number, { bytes = 1, partition = 0 } = {}): Batch {
  const messages = Array.from({ length: count }, (_, index) => ({
    offset: `${from + index}`,
    key: null,
    value: Buffer.alloc(bytes),
    timestamp: '0',
    attributes: 0,
    headers: {},
  }))
  const last = `${from + count - 1}`
  return {
    topic: 't',
    partition,
    fetchedOffset: `${from}`,
    highWatermark: `${from + count}`,
    messages,
    lastOffset: () => last,
  } as unknown as Batch
}

function partitionsWith(deps: Partial<AssignedPartitionsDeps> = {}) {
  const handled: bigint[] = []
  const asked: string[] = []
  const finish = new Map<bigint, () => void>()
  const consumer = {
    pause: (topics: { topic: string; partitions?: number[] }[]) => void asked.push(`pause ${topics[0]?.topic}:${topics[0]?.partitions}`),
    resume: (topics: { topic: string; partitions?: number[] }[]) => void asked.push(`resume ${topics[0]?.topic}:${topics[0]?.partitions}`),
  }
  const partitions = new AssignedPartitions(
    { groupId: 'g', ownedTopics: ['owned'], maxInFlight: 2 },
    {
      log: pino({ level: 'silent' }),
      metrics: createKafkaMetrics(new Registry()),
      handle: ({ offset }) => {
        handled.push(offset)
        return new Promise<void>((resolve) => finish.set(offset, resolve))
      },
      isTransient: () => false,
      deadLetter: async () => {},
      mayStart: () => true,
      onDone: () => {},
      onWaiting: () => {},
      ...deps,
    },
  )
  const join = (assigned: Record<string, number[]>) => partitions.assign(new Map(Object.entries(assigned)), consumer)
  const end = async (offset: bigint) => {
    finish.get(offset)?.()
    await new Promise((resolve) => setImmediate(resolve))
  }
  return { partitions, handled, asked, join, end }
}

test('owned topics are paused at each join, the others resumed, and nothing of them is delivered', () => {
  const { partitions, asked, join, handled } = partitionsWith()
  join({ owned: [0], t: [0, 1] })
  expect(asked).toEqual(['pause owned:0', 'resume t:0,1'])
  partitions.take({ ...batch(0, 1), topic: 'owned' })
  expect(handled).toEqual([])
})

test('only what is done can be committed, and only once', async () => {
  const { partitions, join, end } = partitionsWith()
  join({ t: [0] })
  partitions.take(batch(5, 3))
  expect(partitions.committable()).toEqual([])
  await end(5n)
  const points = [{ topic: 't', partition: 0, next: 6n }]
  expect(partitions.committable()).toEqual(points)
  partitions.committing(points)
  partitions.committed(points)
  expect(partitions.committable()).toEqual([])
})

test('after a rebalance that left the partition here, what is under way is not done twice', async () => {
  const { partitions, join, handled, end } = partitionsWith()
  join({ t: [0] })
  partitions.take(batch(0, 4))
  join({ t: [0] })
  await end(0n)
  expect(handled).toEqual([0n, 1n]) // waits for the proof that nobody else went on
  expect(partitions.committable()).toEqual([])
  partitions.take(batch(0, 6))
  expect(handled).toEqual([0n, 1n, 2n])
  await end(1n)
  await end(2n)
  expect(handled).toEqual([0n, 1n, 2n, 3n, 4n])
  expect(partitions.committable()).toEqual([{ topic: 't', partition: 0, next: 3n }])
})

test('a commit whose answer was lost in the rebalance counts when the group goes on there', async () => {
  const { partitions, join, handled, end } = partitionsWith()
  join({ t: [0] })
  partitions.take(batch(0, 4))
  await end(0n)
  partitions.committing([{ topic: 't', partition: 0, next: 1n }])
  join({ t: [0] })
  partitions.take(batch(1, 3))
  await end(1n)
  expect(handled).toEqual([0n, 1n, 2n, 3n])
})

test('when somebody else went on meanwhile, it begins where the group stands', async () => {
  const { partitions, join, handled, end } = partitionsWith()
  join({ t: [0] })
  partitions.take(batch(0, 4))
  join({ t: [0] })
  partitions.take(batch(50, 2))
  expect(handled).toEqual([0n, 1n, 50n, 51n])
  await end(0n)
  await end(1n)
  expect(partitions.committable()).toEqual([]) // what was under way no longer counts
  await end(50n)
  expect(partitions.committable()).toEqual([{ topic: 't', partition: 0, next: 51n }])
})

test('a partition that is gone starts nothing more and is not committed', async () => {
  const { partitions, join, handled, end } = partitionsWith()
  join({ t: [0] })
  partitions.take(batch(0, 4))
  join({ t: [1] })
  await end(0n)
  expect(handled).toEqual([0n, 1n])
  expect(partitions.committable()).toEqual([])
})

test('a partition is paused while enough of it is here and resumed at half', async () => {
  const gates: (() => void)[] = []
  const { partitions, join, asked } = partitionsWith({ handle: () => new Promise<void>((resolve) => gates.push(resolve)) })
  join({ t: [0] })
  asked.length = 0
  partitions.take(batch(0, 5, { bytes: 1 << 20 }))
  expect(asked).toEqual(['pause t:0'])
  for (let index = 0; index < 4; index++) {
    gates[index]?.()
    await new Promise((resolve) => setImmediate(resolve))
  }
  expect(asked).toEqual(['pause t:0', 'resume t:0'])
})

test('one record that fills the backlog alone does not leave its partition paused', async () => {
  const { partitions, join, asked, end } = partitionsWith()
  join({ t: [0] })
  asked.length = 0
  partitions.take(batch(0, 1, { bytes: 5 << 20 }))
  await end(0n)
  expect(asked).toEqual(['pause t:0', 'resume t:0'])
})

test('after the membership has ended nothing is asked of its consumer', async () => {
  const gates: (() => void)[] = []
  const { partitions, join, asked } = partitionsWith({ handle: () => new Promise<void>((resolve) => gates.push(resolve)) })
  join({ t: [0] })
  asked.length = 0
  partitions.detach()
  partitions.take(batch(0, 5, { bytes: 1 << 20 }))
  expect(asked).toEqual([])
})
