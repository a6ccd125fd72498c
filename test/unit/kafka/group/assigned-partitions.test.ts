import { Registry } from 'prom-client'
import { expect, test } from 'vitest'
import { AssignedPartition } from '../../../../src/kafka/group/assigned-partition.ts'
import { AssignedPartitions } from '../../../../src/kafka/group/assigned-partitions.ts'
import type { CommittedOffset } from '../../../../src/kafka/group/membership/group-offsets.ts'
import type { PartitionFeed } from '../../../../src/kafka/group/reading/partition-feed.ts'
import { PartitionLag } from '../../../../src/kafka/group/reading/partition-lag.ts'
import type { KafkaRecord } from '../../../../src/kafka/record.ts'
import type { FetchedPartition } from '../../../../src/kafka/wire/fetched-partition.ts'
import { createKafkaMetrics } from '../../../../src/telemetry/kafka-metrics.ts'

const metrics = createKafkaMetrics(new Registry())

/** What a poll brought of partition 0 of topic `t`. */
function fetched(from: number, count: number, { bytes = 1 } = {}): FetchedPartition {
  const records = Array.from({ length: count }, (_, index): KafkaRecord => {
    const offset = BigInt(from + index)
    return { topic: 't', partition: 0, offset, key: null, value: Buffer.alloc(bytes), headers: {}, timestamp: 0 }
  })
  const end = BigInt(from + count)
  const ends = { nextOffset: end, highWatermark: end, lastStableOffset: end, logStartOffset: 0n }
  return { topic: 't', partition: 0, errorCode: 0, records, undecodable: [], firstLeaderEpoch: 4, lastLeaderEpoch: 4, ...ends }
}

/** A member whose group has committed what the test says, and whose handlers end when the test says so. */
function memberOf({ maxInFlight = 2 } = {}) {
  const committed = new Map<string, CommittedOffset>()
  const coordinator = { answers: Promise.resolve() }
  const handled: bigint[] = []
  const finish = new Map<bigint, () => void>()
  const opened: AssignedPartition[] = []
  const wakes: string[] = []
  const feed = { run: async () => {}, stop() {}, wake: () => void wakes.push('wake') } as unknown as PartitionFeed
  const partitions = new AssignedPartitions(
    { ownedTopics: ['owned'] },
    {
      committed: async () => {
        await coordinator.answers
        return committed
      },
      open: (place, from, predecessor) => {
        const worker = {
          handle: ({ offset }: KafkaRecord) => {
            handled.push(offset)
            return new Promise<void>((resolve) => finish.set(offset, resolve))
          },
          deadLetter: async () => {},
          isTransient: () => false,
          mayStart: () => true,
          onOutcome: () => partition.handled(),
          onWait: () => {},
        }
        const lag = new PartitionLag({ groupId: 'g', ...place }, { metrics })
        const partition: AssignedPartition = new AssignedPartition(
          { ...place, maxInFlight },
          { lag, worker, onDone: () => {}, ...(predecessor && { predecessor }) },
        )
        partition.read(feed)
        partition.begin(from?.next ?? 0n)
        opened.push(partition)
        return partition
      },
      onClosed: () => {},
    },
  )
  let generationId = 0
  const join = (assigned: Record<string, number[]>) => {
    generationId += 1
    return partitions.assign(new Map(Object.entries(assigned)), { generationId, memberId: 'm' })
  }
  const end = async (offset: bigint) => {
    finish.get(offset)?.()
    await new Promise((resolve) => setImmediate(resolve))
  }
  const commits = (next: bigint) => committed.set('t:0', { next, metadata: '' })
  const take = (answer: FetchedPartition) => opened.at(-1)?.take(answer, { leaderEpoch: answer.lastLeaderEpoch })
  return { coordinator, partitions, handled, opened, join, end, commits, take, wakes }
}

test('owned topics are only assigned, never read', async () => {
  const { join, opened } = memberOf()
  await join({ owned: [0], t: [0, 1] })
  expect(opened.map(({ topic, partition }) => [topic, partition])).toEqual([
    ['t', 0],
    ['t', 1],
  ])
})

test('only offsets of finished records are committed, once, with their generation and leader epoch', async () => {
  const { partitions, join, end, commits, take } = memberOf()
  commits(5n)
  await join({ t: [0] })
  take(fetched(5, 3))
  expect(partitions.committable()).toBeUndefined()
  await end(5n)
  const request = partitions.committable()
  expect(request).toEqual({
    membership: { generationId: 1, memberId: 'm' },
    points: [{ topic: 't', partition: 0, next: 6n, metadata: 'epoch=4' }],
  })
  if (request) partitions.committed(request)
  expect(partitions.committable()).toBeUndefined()
})

test('an answer without records moves the offset too', async () => {
  const { partitions, join, take } = memberOf()
  await join({ t: [0] })
  take({ ...fetched(0, 0), nextOffset: 21n, highWatermark: 21n })
  expect(partitions.committable()?.points).toMatchObject([{ next: 21n }])
})

test('after a rebalance that left the partition here, read records are kept, and running handlers are not repeated', async () => {
  const { coordinator, join, handled, end, take, opened, commits, partitions } = memberOf()
  commits(0n)
  await join({ t: [0] })
  take(fetched(0, 4))
  let answer = () => {}
  coordinator.answers = new Promise((resolve) => {
    answer = resolve
  })
  const joined = join({ t: [0] })
  await end(0n)
  expect(handled).toEqual([0n, 1n]) // waits for the committed offset, which shows that nobody else went on
  answer()
  await joined
  await end(1n)
  await end(2n)
  expect(handled).toEqual([0n, 1n, 2n, 3n])
  expect(opened).toHaveLength(1)
  expect(partitions.committable()?.membership.generationId).toBe(2)
})

test('a commit whose answer was lost in the rebalance counts when the group continues at its offset', async () => {
  const { partitions, join, handled, end, take, commits } = memberOf()
  commits(0n)
  await join({ t: [0] })
  take(fetched(0, 4))
  await end(0n)
  partitions.committable() // sent, but its answer never came
  commits(1n)
  await join({ t: [0] })
  await end(1n)
  expect(handled).toEqual([0n, 1n, 2n, 3n])
})

test('a commit of an earlier generation that is answered late changes nothing', async () => {
  const { partitions, join, end, take, commits } = memberOf()
  commits(0n)
  await join({ t: [0] })
  take(fetched(0, 4))
  await end(0n)
  const request = partitions.committable()
  await join({ t: [0] })
  if (request) partitions.committed(request)
  expect(partitions.committable()?.points).toMatchObject([{ next: 1n }])
})

test('when another member has continued meanwhile, it begins at the committed offset', async () => {
  const { partitions, join, handled, end, take, commits } = memberOf()
  commits(0n)
  await join({ t: [0] })
  take(fetched(0, 4))
  commits(50n)
  await join({ t: [0] })
  take(fetched(50, 2))
  expect(handled).toEqual([0n, 1n, 50n, 51n])
  await end(0n)
  await end(1n)
  expect(partitions.committable()).toBeUndefined() // what was under way no longer counts
  await end(50n)
  expect(partitions.committable()?.points).toMatchObject([{ next: 51n }])
})

test('where order counts, a returning partition waits for its earlier handlers', async () => {
  const { join, handled, end, take, commits } = memberOf({ maxInFlight: 1 })
  commits(0n)
  await join({ t: [0] })
  take(fetched(0, 2))
  await join({ t: [1] })
  await join({ t: [0] })
  take(fetched(0, 2))
  expect(handled).toEqual([0n])
  await end(0n)
  expect(handled).toEqual([0n, 0n])
})

test('a partition that is no longer assigned starts no handlers and is not committed', async () => {
  const { partitions, join, handled, end, take } = memberOf()
  await join({ t: [0] })
  take(fetched(0, 4))
  await join({ t: [1] })
  await end(0n)
  expect(handled).toEqual([0n, 1n])
  expect(partitions.committable()).toBeUndefined()
})

test('without a membership nothing is committed', async () => {
  const { partitions, join, end, take } = memberOf()
  await join({ t: [0] })
  take(fetched(0, 4))
  partitions.detach()
  await end(0n)
  expect(partitions.committable()).toBeUndefined()
})

test('a partition is full while enough of its records wait, and is read again at half', async () => {
  const { join, end, take, opened, wakes } = memberOf()
  await join({ t: [0] })
  take(fetched(0, 5, { bytes: 1 << 20 }))
  expect(opened[0]?.hasRoom()).toBe(false)
  await end(0n)
  await end(1n)
  expect(wakes).toHaveLength(0)
  await end(2n)
  await end(3n)
  expect(wakes).toHaveLength(1)
  expect(opened[0]?.hasRoom()).toBe(true)
})

test('a partition whose log has changed begins again, although its offsets are lower', async () => {
  const { partitions, join, handled, end, take, opened, commits } = memberOf()
  commits(100n)
  await join({ t: [0] })
  take(fetched(100, 2))
  opened[0]?.begin(60n)
  take(fetched(60, 1))
  expect(handled).toEqual([100n, 101n, 60n])
  await end(60n)
  expect(partitions.committable()?.points).toMatchObject([{ next: 61n }])
})
