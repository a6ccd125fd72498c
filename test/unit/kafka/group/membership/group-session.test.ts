import { type Assigner, type ConsumerConfig, type PartitionAssigner, PartitionAssigners } from 'kafkajs'
import { pino } from 'pino'
import { expect, onTestFinished, test, vi } from 'vitest'
import type { KafkaConnection } from '../../../../../src/kafka/client/connection.ts'
import type { MemberAssigner } from '../../../../../src/kafka/client/patches/group-member-patch.ts'
import { GroupSession } from '../../../../../src/kafka/group/membership/group-session.ts'
import { SubscriptionAssigner } from '../../../../../src/kafka/group/membership/subscription-assigner.ts'
import { SYSTEM_CLOCK } from '../../../../../src/lifecycle/clock.ts'

/** A session of our groups, and what it asks kafkajs for. */
function createSession(isQuiet?: () => boolean): { session: GroupSession; config: ConsumerConfig } {
  let config: ConsumerConfig | undefined
  const consumer = { events: {}, on: () => () => {}, disconnect: async () => {} }
  const kafka = {
    consumer(asked: ConsumerConfig) {
      config = asked
      return consumer
    },
  } as unknown as KafkaConnection
  const ignore = () => {}
  const assigner = new SubscriptionAssigner({ groupId: 'node-a.log' }, { log: pino({ level: 'silent' }), clock: SYSTEM_CLOCK })
  const session = new GroupSession(
    { groupId: 'node-a.log', topics: ['a', 'b'], sessionTimeoutMs: 6000 },
    { kafka, clock: SYSTEM_CLOCK, assigner, onJoin: ignore, onRebalance: ignore, onConfirmed: ignore, isQuiet },
  )
  if (!config) throw new Error('no consumer was made')
  return { session, config }
}

const CONTEXT = { cluster: {}, groupId: 'node-a.log', logger: {} } as unknown as Parameters<PartitionAssigner>[0]

// Instances of two releases share a group during an upgrade. One that offers no protocol that the others know cannot join, so
// these may only ever be added to: the old name stays on offer for a release.
test('the metadata of a member is the same in every release', async () => {
  const { session, config } = createSession()
  await session.close()
  const { partitionAssigners = [PartitionAssigners.roundRobin] } = config
  const offered = partitionAssigners.map((assigner) => assigner(CONTEXT).protocol({ topics: ['a', 'p2p-events'] }))
  expect(offered.map(({ name, metadata }) => [name, metadata.toString('hex')])).toEqual([
    // By hand: version 0; 2 topics, each with its length before it; no bytes of user data.
    ['RoundRobinAssigner', ['0000', '00000002', '0001', '61', '000a', '7032702d6576656e7473', '00000000'].join('')],
  ])
})

/** Whether a member's rest has ended after each of these times. */
async function restEndsAfter(isQuiet: (() => boolean) | undefined, ...times: number[]): Promise<boolean[]> {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const { session, config } = createSession(isQuiet)
  const [assigner] = (config.partitionAssigners ?? []).map((create) => create(CONTEXT) as Assigner & MemberAssigner)
  let isOver = false
  void assigner?.rest?.(200).then(() => {
    isOver = true
  })
  const over: boolean[] = []
  let passed = 0
  for (const time of times) {
    await vi.advanceTimersByTimeAsync(time - passed)
    passed = time
    over.push(isOver)
  }
  const closed = session.close()
  await vi.advanceTimersByTimeAsync(1)
  await closed
  return [...over, isOver]
}

test('heartbeats are 200 ms apart, and a second while nothing flows', async () => {
  expect(await restEndsAfter(undefined, 199, 200)).toEqual([false, true, true])
  expect(await restEndsAfter(() => false, 199, 200)).toEqual([false, true, true])
  expect(await restEndsAfter(() => true, 999, 1000)).toEqual([false, true, true])
})

test('a rest does not delay leaving the group', async () => {
  expect(await restEndsAfter(() => true, 100)).toEqual([false, true])
})
