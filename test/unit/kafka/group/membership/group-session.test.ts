import { type ConsumerConfig, type PartitionAssigner, PartitionAssigners } from 'kafkajs'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import type { KafkaConnection } from '../../../../../src/kafka/client/connection.ts'
import { GroupSession } from '../../../../../src/kafka/group/membership/group-session.ts'
import { SubscriptionAssigner } from '../../../../../src/kafka/group/membership/subscription-assigner.ts'
import { SYSTEM_CLOCK } from '../../../../../src/lifecycle/clock.ts'

/** What a member of our groups asks kafkajs for. */
async function configOfMember(): Promise<ConsumerConfig> {
  let asked: ConsumerConfig | undefined
  const consumer = { events: {}, on: () => () => {}, disconnect: async () => {} }
  const kafka = {
    consumer(config: ConsumerConfig) {
      asked = config
      return consumer
    },
  } as unknown as KafkaConnection
  const ignore = () => {}
  const assigner = new SubscriptionAssigner({ groupId: 'node-a.log' }, { log: pino({ level: 'silent' }), clock: SYSTEM_CLOCK })
  const session = new GroupSession(
    { groupId: 'node-a.log', topics: ['a', 'b'], sessionTimeoutMs: 6000 },
    { kafka, clock: SYSTEM_CLOCK, assigner, onJoin: ignore, onRebalance: ignore, onConfirmed: ignore },
  )
  await session.close()
  if (!asked) throw new Error('no consumer was made')
  return asked
}

// Instances of two releases share a group during an upgrade. One that offers no protocol that the others know cannot join, so
// these may only ever be added to: the old name stays on offer for a release.
test('the metadata of a member is the same in every release', async () => {
  const { partitionAssigners = [PartitionAssigners.roundRobin] } = await configOfMember()
  const context = { cluster: {}, groupId: 'node-a.log', logger: {} } as unknown as Parameters<PartitionAssigner>[0]
  const offered = partitionAssigners.map((assigner) => assigner(context).protocol({ topics: ['a', 'p2p-events'] }))
  expect(offered.map(({ name, metadata }) => [name, metadata.toString('hex')])).toEqual([
    // By hand: version 0; 2 topics, each with its length before it; no bytes of user data.
    ['RoundRobinAssigner', ['0000', '00000002', '0001', '61', '000a', '7032702d6576656e7473', '00000000'].join('')],
  ])
})
