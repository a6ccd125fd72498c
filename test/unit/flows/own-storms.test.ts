import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { kafkaToGossip } from '../../../src/flows/kafka-to-gossip.ts'
import { OutboundPacer } from '../../../src/gossip/messages/outbound-pacer.ts'
import { PartitionWorker } from '../../../src/kafka/group/partition-worker.ts'
import type { KafkaRecord } from '../../../src/kafka/record.ts'
import type { Announcement } from '../../../src/messages/announcement.ts'
import { LatestSent } from '../../../src/peers/chain/latest-sent.ts'
import { WaitingStates } from '../../../src/peers/chain/waiting-states.ts'
import { SAMPLES } from '../../fixtures/announcements.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** As in src/app/groups.ts. */
const MAX_IN_FLIGHT = 200
/** The default of `gossip_outbound_rate`. */
const RATE_PER_SECOND = 200

type Entry = readonly [announcement: Announcement, at: number]

const miningOn = (height: number): Announcement => ({ type: 'mining-on', miningOn: { ...SAMPLES['mining-on'].miningOn, height } })

/** Partitions of the node's in-topics with their workers, the flow, and the pace at which an instance publishes. */
function start(...partitions: readonly (readonly Entry[])[]) {
  const pacer = new OutboundPacer(
    { ratePerSecond: RATE_PER_SECOND },
    {
      now: () => performance.now(),
      isClogged: () => false,
      schedule(delayMs, callback) {
        const timer = setTimeout(callback, delayMs)
        return () => clearTimeout(timer)
      },
    },
  )
  const [waiting, latest] = [new WaitingStates(), new LatestSent()]
  const published: { type: string; height: number; afterMs: number }[] = []
  const outcomes = new Map<string, number>()
  const startedAt = performance.now()
  const publish = async ({ announcement }: { announcement: Announcement }, signal?: AbortSignal) => {
    const { type } = announcement
    const priority = type === 'rejected-tx' ? 'low' : 'high'
    await pacer.turn({ priority, topic: type, bytes: 300, ...(signal && { signal }) })
    const height = announcement.type === 'mining-on' ? announcement.miningOn.height : 0
    published.push({ type, height, afterMs: performance.now() - startedAt })
    return 1
  }
  const handle = kafkaToGossip(
    { bridgeId: 'a', maxAgeMs: 600_000, isAnnouncing: true },
    {
      toAnnouncement: ({ partition, offset }) => partitions[partition]?.[Number(offset)]?.[0],
      encode: () => Buffer.from('message'),
      sendFault: () => undefined,
      onRefused() {},
      announced: { has: () => false, add() {} },
      foreignSubscribers: () => 1,
      isUnheard: () => false,
      onUnheard() {},
      mayPublish: () => true,
      onOverRate() {},
      publish: (sent) => waiting.publish(sent, (signal) => publish(sent, signal)),
      laterThan: (sent) => latest.laterThan(sent),
      ownHeight: () => undefined,
      isOwnTip: () => false,
      isTooLarge: () => false,
      onTooOld() {},
      now: () => 10_000,
    },
  )
  const workers = partitions.map((entries, partition) => {
    const worker = new PartitionWorker(
      { maxInFlight: MAX_IN_FLIGHT },
      {
        handle: async (record) => {
          const outcome = (await handle(record)) as string
          outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
        },
        deadLetter: async () => {},
        isTransient: () => true,
        mayStart: () => true,
        onOutcome() {},
        onWait() {},
      },
      0n,
    )
    worker.add(
      entries.map(([, at], offset): KafkaRecord => {
        return { topic: 'in', partition, offset: BigInt(offset), key: null, value: Buffer.from('x'), headers: {}, timestamp: at }
      }),
      BigInt(entries.length),
    )
    return worker
  })
  return { published, outcomes, done: () => workers.map((worker) => worker.done()) }
}

const STORM = 3000

test('what a node mines on changes 3,000 times before a block: the block goes at once, and peers hear the last state last', async () => {
  const storm = Array.from({ length: STORM }, (_, height): Entry => [miningOn(height), height])
  const { published, outcomes, done } = start([...storm, [SAMPLES.block, STORM]])
  await vi.advanceTimersByTimeAsync(200)
  expect(published.find(({ type }) => type === 'block')?.afterMs).toBeLessThanOrEqual(20)
  expect(published.filter(({ type }) => type === 'mining-on').at(-1)?.height).toBe(STORM - 1)
  expect(outcomes.get('superseded')).toBeGreaterThan(STORM * 0.9)
  expect((outcomes.get('superseded') ?? 0) + (outcomes.get('published') ?? 0)).toBe(STORM + 1)
  expect(done()).toEqual([BigInt(STORM + 1)])
})

test('a storm that comes back in time through another partition does not hide the latest state', async () => {
  const later = Array.from({ length: STORM }, (_, index): Entry => [miningOn(5000 + index), 5000 + index])
  const earlier = Array.from({ length: STORM }, (_, height): Entry => [miningOn(height), height])
  const { published } = start(later, earlier)
  await vi.advanceTimersByTimeAsync(1000)
  expect(published.at(-1)?.height).toBe(5000 + STORM - 1)
})

test.each(['subtree', 'rejected-tx'] as const)('a block waits for at most one %s of a storm in other partitions', async (type) => {
  const storm = Array.from({ length: STORM }, (_, at): Entry => [SAMPLES[type], at])
  const { published } = start(storm, storm, [[SAMPLES.block, 0]])
  await vi.advanceTimersByTimeAsync(200)
  const block = published.findIndex((each) => each.type === 'block')
  expect(published[block]?.afterMs).toBeLessThanOrEqual(20)
})

test.each([
  [MAX_IN_FLIGHT - 1, 20],
  [1000, ((1000 + 2 - MAX_IN_FLIGHT) * 1000) / RATE_PER_SECOND],
])(
  'a block behind %i subtrees of its own partition waits for those beyond the 200 that are on their way: %d ms',
  async (ahead, withinMs) => {
    const subtrees = Array.from({ length: ahead }, (_, at): Entry => [SAMPLES.subtree, at])
    const { published, done } = start([...subtrees, [SAMPLES.block, ahead]])
    await vi.advanceTimersByTimeAsync(6000)
    expect(published.find(({ type }) => type === 'block')?.afterMs).toBeLessThanOrEqual(withinMs)
    expect(done()).toEqual([BigInt(ahead + 1)])
  },
)
