import { expect, test } from 'vitest'
import { NoLeaderError } from '../../../../src/kafka/client/topic-link.ts'
import { PartitionCursor } from '../../../../src/kafka/reader/partition-cursor.ts'
import { OffsetOutOfRangeError, ReadingRetries } from '../../../../src/kafka/reader/reading-retries.ts'
import type { FetchedPartition } from '../../../../src/kafka/wire/fetched-partition.ts'

/** A partition as its leader knows it: every record is in a batch of its own, with the epoch of its leader. */
function partition(epochs: readonly number[]) {
  const state = { epochs, id: 'one', failures: [] as Error[], throttled: [] as number[] }
  const asked: bigint[] = []
  const throttledFor: number[] = []
  const { signal } = new AbortController()
  const clock = { now: 0, steady: () => clock.now }
  const endOf = (epoch: number) => BigInt(state.epochs.filter((each) => each <= epoch).length)
  const link = {
    bounds: async () => ({ low: 0n, high: BigInt(state.epochs.length) }),
    topicId: async () => state.id,
    epochEnd: async (leaderEpoch: number) => ({ topic: 't', partition: 0, errorCode: 0, leaderEpoch, endOffset: endOf(leaderEpoch) }),
    fetch: async (offset: bigint) => {
      asked.push(offset)
      const failure = state.failures.shift()
      if (failure) throw failure
      const throttledMs = state.throttled.shift() ?? 0
      if (throttledMs > 0) return { throttledMs, fetched: undefined }
      if (offset > BigInt(state.epochs.length)) throw new OffsetOutOfRangeError()
      const found = state.epochs.slice(Number(offset))
      const end = BigInt(state.epochs.length)
      const ends = { nextOffset: end, highWatermark: end, lastStableOffset: end, logStartOffset: 0n }
      const fetched: FetchedPartition = {
        topic: 't',
        partition: 0,
        errorCode: 0,
        records: [],
        undecodable: [],
        firstLeaderEpoch: found[0],
        lastLeaderEpoch: found.at(-1),
        ...ends,
      }
      return { throttledMs, fetched }
    },
  }
  const retries = new ReadingRetries(
    { topic: 't', deadlineMs: 1000, brokers: [] },
    { clock: { steady: () => performance.now() }, signal, onThrottled: (ms) => throttledFor.push(ms) },
  )
  const cursor = new PartitionCursor({ from: 0n, maxBytes: 1 }, { link, retries, clock, signal, onFetched: () => {} })
  const readOn = async () => {
    clock.now += 200
    const { fetched, move } = await cursor.readOn()
    return move ? `${move.reason}: ${move.requested} to ${move.next}` : `up to ${fetched.nextOffset}`
  }
  return { state, asked, throttledFor, readOn, cursor }
}

test('reads answer by answer', async () => {
  const { state, asked, readOn } = partition([0, 0, 0])
  expect(await readOn()).toBe('up to 3')
  state.epochs = [0, 0, 0, 1]
  expect(await readOn()).toBe('up to 4')
  expect(asked).toEqual([0n, 3n])
})

test.each([
  ['fewer', [0, 0]],
  ['more', [0, 0, 0, 0]],
])('a topic that is created again with %s records is read from its beginning', async (_, epochs) => {
  const { state, readOn } = partition([0, 0, 0])
  await readOn()
  Object.assign(state, { id: 'two', epochs })
  expect(await readOn()).toBe('topic-made-anew: 3 to 0')
  expect(await readOn()).toBe(`up to ${epochs.length}`)
})

test.each([
  ['fewer', [0, 0, 1]],
  ['more', [0, 0, 1, 1, 1, 1, 1]],
])('after an election that loses records and brings %s new ones, reading continues where the log has changed', async (_, epochs) => {
  const { state, readOn } = partition([0, 0, 0, 0, 0])
  await readOn()
  state.epochs = epochs
  expect(await readOn()).toBe('truncated: 5 to 2')
  expect(await readOn()).toBe(`up to ${epochs.length}`)
})

test('after a failed read it asks whether its records still exist, even if nothing new has come', async () => {
  const { state, readOn } = partition([0, 0, 0])
  await readOn()
  Object.assign(state, { epochs: [0, 1, 1], failures: [new NoLeaderError('the leader is gone')] })
  expect(await readOn()).toBe('truncated: 3 to 1')
  expect(await readOn()).toBe('up to 3')
})

test('a throttled answer is followed by one request, after the time that the broker asks for', async () => {
  const { state, asked, throttledFor, readOn } = partition([0])
  state.throttled = [30, 20]
  const startedAt = performance.now()
  expect(await readOn()).toBe('up to 1')
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(45)
  expect(asked).toEqual([0n, 0n, 0n])
  expect(throttledFor).toEqual([30, 20])
})
