import { beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import type { Leader } from '../../../../../src/kafka/client/topic-link.ts'
import type { PollAnswer } from '../../../../../src/kafka/group/reading/broker-polls.ts'
import { PartitionFeed } from '../../../../../src/kafka/group/reading/partition-feed.ts'
import type { KnownPosition } from '../../../../../src/kafka/reader/partition-position.ts'
import type { FetchedPartition } from '../../../../../src/kafka/wire/fetched-partition.ts'

class OutOfRange extends Error {}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
})

const turns = () => vi.advanceTimersByTimeAsync(10)

function fetched(nextOffset: bigint, more: Partial<FetchedPartition> = {}): FetchedPartition {
  const ends = { highWatermark: nextOffset, lastStableOffset: nextOffset, logStartOffset: 0n }
  return {
    topic: 't',
    partition: 0,
    errorCode: 0,
    records: [],
    undecodable: [],
    nextOffset,
    firstLeaderEpoch: 3,
    lastLeaderEpoch: 3,
    ...ends,
    ...more,
  }
}

/** A feed whose polls and questions the test answers. */
function feedFrom(
  from: KnownPosition | undefined,
  { topicId = 'id' as string | undefined, low = 0n, high = 1000n, epochEnd = 1000n, hasRoom = true } = {},
) {
  const heard: string[] = []
  const asked: bigint[] = []
  const state = { topicId, low, high, epochEnd, hasRoom }
  let answer: (answer: PollAnswer<FetchedPartition>) => void = () => {}
  let fail: (error: Error) => void = () => {}
  const feed = new PartitionFeed(
    { topic: 't', partition: 0, from },
    {
      polls: {
        ask: (_leader, { offset }) => {
          asked.push(offset)
          return new Promise((resolve, reject) => {
            answer = resolve
            fail = reject
          })
        },
      },
      link: {
        bounds: async () => ({ low: state.low, high: state.high }),
        earliest: async () => state.low,
        topicId: async () => state.topicId,
        epochEnd: async (leaderEpoch) => ({ topic: 't', partition: 0, errorCode: 0, leaderEpoch, endOffset: state.epochEnd }),
      },
      leader: async () => ({ nodeId: 1, broker: {} }) as Leader,
      failed: (error) => heard.push(`failed: ${(error as Error).message}`),
      errorOf: ({ errorCode }) => (errorCode === 1 ? new OutOfRange() : errorCode === 0 ? undefined : new Error(`error ${errorCode}`)),
      isOutOfRange: (error) => error instanceof OutOfRange,
      hasRoom: () => state.hasRoom,
      onStart: (offset) => heard.push(`starts at ${offset}`),
      onFetched: ({ nextOffset }) => heard.push(`fetched up to ${nextOffset}`),
      onMove: ({ reason, next }) => heard.push(`${reason}, goes to ${next}`),
      onTrouble: (error) => error && heard.push(`trouble: ${(error as Error).message}`),
      onThrottled: (ms) => heard.push(`throttled for ${ms}`),
    },
  )
  const done = feed.run()
  onTestFinished(async () => {
    feed.stop()
    await done
  })
  return {
    feed,
    done,
    heard,
    asked,
    state,
    answer: (part?: FetchedPartition, throttledMs = 0) => answer({ fetched: part, throttledMs }),
    fail: (error: Error) => fail(error),
  }
}

test('reads from the committed offset of the group on, answer by answer', async () => {
  const { heard, asked, answer } = feedFrom({ next: 7n, leaderEpoch: 3, topicId: 'id' })
  await turns()
  answer(fetched(10n))
  await turns()
  answer(fetched(10n))
  await turns()
  expect(asked).toEqual([7n, 10n, 10n])
  expect(heard).toEqual(['starts at 7', 'fetched up to 10', 'fetched up to 10'])
})

test('a group without a committed offset begins at the oldest record', async () => {
  const { heard, asked } = feedFrom(undefined, { low: 40n })
  await turns()
  expect([heard, asked]).toEqual([['starts at 40'], [40n]])
})

test.each<[string, Parameters<typeof feedFrom>[1], string]>([
  ['another topic of the same name', { topicId: 'another' }, 'topic-made-anew, goes to 0'],
  ['a log that was truncated before the offset', { epochEnd: 60n }, 'truncated, goes to 60'],
])('a committed offset is not valid for %s', async (_, kafka, move) => {
  const { heard } = feedFrom({ next: 100n, leaderEpoch: 3, topicId: 'id' }, kafka)
  await turns()
  expect(heard).toEqual(['starts at 100', move])
})

test('records of another epoch are not accepted before the reader knows where the log has changed', async () => {
  const { heard, asked, answer, state } = feedFrom({ next: 7n, leaderEpoch: 3, topicId: 'id' })
  await turns()
  state.epochEnd = 5n
  answer(fetched(10n, { firstLeaderEpoch: 4, lastLeaderEpoch: 4 }))
  await turns()
  expect(heard).toEqual(['starts at 7', 'truncated, goes to 5'])
  expect(asked).toEqual([7n, 5n])
})

test('after records were deleted unread, it continues at the oldest remaining one', async () => {
  const { heard, asked, answer, state } = feedFrom({ next: 7n, topicId: 'id' })
  await turns()
  state.low = 50n
  answer(fetched(0n, { errorCode: 1 }))
  await turns()
  expect(heard).toEqual(['starts at 7', 'expired, goes to 50'])
  expect(asked).toEqual([7n, 50n])
})

test('after trouble the leader is looked up again, and the partition is checked before it is read', async () => {
  const { heard, asked, fail, state } = feedFrom({ next: 7n, topicId: 'id' })
  await turns()
  state.topicId = 'another'
  fail(new Error('the broker is away'))
  await vi.advanceTimersByTimeAsync(80)
  expect(heard).toEqual(['starts at 7', 'failed: the broker is away', 'trouble: the broker is away', 'topic-made-anew, goes to 0'])
  expect(asked).toEqual([7n, 0n])
})

test('a throttled answer is slow, not trouble', async () => {
  const { heard, asked, answer } = feedFrom({ next: 7n })
  await turns()
  answer(undefined, 30)
  await turns()
  expect(asked).toEqual([7n])
  await vi.advanceTimersByTimeAsync(40)
  expect(asked).toEqual([7n, 7n])
  expect(heard).toEqual(['starts at 7', 'throttled for 30'])
})

test('no records are requested while there is no room', async () => {
  const { asked, feed, state } = feedFrom({ next: 7n }, { hasRoom: false })
  await turns()
  expect(asked).toEqual([])
  state.hasRoom = true
  feed.wake()
  await turns()
  expect(asked).toEqual([7n])
})

test('an answer that arrives after the partition was given away is ignored', async () => {
  const { heard, answer, feed, done } = feedFrom({ next: 7n })
  await turns()
  feed.stop()
  answer(fetched(10n))
  await done
  expect(heard).toEqual(['starts at 7'])
})
