import { expect, onTestFinished, test, vi } from 'vitest'
import type { Leader } from '../../../../../src/kafka/client/topic-link.ts'
import { BrokerPolls, type PollRequest } from '../../../../../src/kafka/group/reading/broker-polls.ts'

const leader = (nodeId: number) => ({ nodeId, broker: {} }) as Leader
const request = (partition: number) => ({ topic: 't', partition, offset: 0n })
/** Lets all that is due happen: polls begin in the next turn of the event loop. By immediates, since a late timer may come before them. */
const turn = async () => {
  for (let left = 3; left > 0; left--) await new Promise((resolve) => setImmediate(resolve))
}

/** Brokers whose polls the test answers. */
function brokers({ isHurried = false, apartMs = 1000 } = {}) {
  const polls: {
    nodeId: number
    asked: number[]
    maxWaitMs: number
    answer: (partitions: number[]) => void
    fail: (error: Error) => void
  }[] = []
  let now = 0
  const made = new BrokerPolls<PollRequest>(
    {},
    {
      isHurried: () => isHurried,
      clock: { steady: () => (now += apartMs) },
      fetch: ({ nodeId }, requests, maxWaitMs) =>
        new Promise((resolve, reject) => {
          const answer = (partitions: number[]) => resolve({ throttledMs: 0, partitions: partitions.map(request) })
          polls.push({ nodeId, asked: requests.map(({ partition }) => partition).sort(), maxWaitMs, answer, fail: reject })
        }),
    },
  )
  return { made, polls }
}

test('partitions that want records at the same time share one poll of their broker', async () => {
  const { made, polls } = brokers()
  const answers = [made.ask(leader(1), request(0)), made.ask(leader(1), request(1)), made.ask(leader(2), request(2))]
  await turn()
  expect(polls.map(({ nodeId, asked }) => [nodeId, asked])).toEqual([
    [1, [0, 1]],
    [2, [2]],
  ])
  polls[0]?.answer([1])
  polls[1]?.answer([2])
  expect((await Promise.all(answers)).map(({ fetched }) => fetched?.partition)).toEqual([undefined, 1, 2])
})

test('a partition that asks while a poll is under way is in the next one', async () => {
  const { made, polls } = brokers()
  void made.ask(leader(1), request(0))
  await turn()
  const late = made.ask(leader(1), request(1))
  await turn()
  expect(polls).toHaveLength(1)
  polls[0]?.answer([0])
  await turn()
  polls[1]?.answer([1])
  expect(await late).toMatchObject({ fetched: { partition: 1 } })
  expect(polls.map(({ asked }) => asked)).toEqual([[0], [1]])
})

test('a failed poll fails for its partitions, and the broker is polled again', async () => {
  const { made, polls } = brokers()
  const failed = made.ask(leader(1), request(0))
  await turn()
  polls[0]?.fail(new Error('the broker is away'))
  await expect(failed).rejects.toThrow('the broker is away')
  void made.ask(leader(1), request(0))
  await turn()
  expect(polls).toHaveLength(2)
})

test('after the end no broker is polled, not even for requests made just before', async () => {
  const { made, polls } = brokers()
  const before = made.ask(leader(1), request(0))
  made.close()
  await expect(before).rejects.toThrow('polling has ended')
  await expect(made.ask(leader(2), request(1))).rejects.toThrow('polling has ended')
  expect(polls).toEqual([])
})

test('polls are short while a partition is about to ask again', async () => {
  const calm = brokers()
  const hurried = brokers({ isHurried: true })
  void calm.made.ask(leader(1), request(0))
  void hurried.made.ask(leader(1), request(0))
  await turn()
  expect(hurried.polls[0]?.maxWaitMs).toBeLessThan((calm.polls[0]?.maxWaitMs ?? 0) / 5)
})

test('polls that are answered in quick succession begin four milliseconds apart, so that each brings more', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  const { made, polls } = brokers({ apartMs: 0 })
  for (const round of [0, 1]) {
    void made.ask(leader(1), request(0))
    await turn()
    expect(polls).toHaveLength(round + 1)
    polls[round]?.answer([0])
    await turn()
  }
  void made.ask(leader(1), request(0))
  await turn()
  vi.advanceTimersByTime(3)
  await turn()
  expect(polls).toHaveLength(2)
  vi.advanceTimersByTime(1)
  await turn()
  expect(polls).toHaveLength(3)
})
