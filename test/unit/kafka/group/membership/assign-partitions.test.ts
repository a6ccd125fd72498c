import { AssignerProtocol, type Cluster, type PartitionAssigner, PartitionAssigners } from 'kafkajs'
import { expect, test } from 'vitest'
import { assignPartitions, type Subscriber, type TopicPartitions } from '../../../../../src/kafka/group/membership/assign-partitions.ts'
import { subscriptionMetadata } from '../../../../../src/kafka/group/membership/subscription.ts'
import { fc } from '../../../../support/properties.ts'

const range = (count: number) => Array.from({ length: count }, (_, index) => index)

const names = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 6 })
const topics = fc.uniqueArray(fc.record({ topic: fc.string({ minLength: 1, maxLength: 5 }), count: fc.nat(7) }), {
  maxLength: 6,
  selector: ({ topic }) => topic,
})
const partitionsOf = ({ topic, count }: { topic: string; count: number }): TopicPartitions => ({ topic, partitions: range(count) })

/** Members with any subscriptions, also to topics that do not exist. */
const group = fc.tuple(names, topics).chain(([members, existing]) => {
  const known = ['missing', ...existing.map(({ topic }) => topic)]
  const subscriber = (memberId: string) => fc.subarray(known).map((list): Subscriber => ({ memberId, topics: new Set(list) }))
  return fc.record({ members: fc.tuple(...members.map(subscriber)), topics: fc.constant(existing.map(partitionsOf)) })
})

const plain = (assigned: ReturnType<typeof assignPartitions>) =>
  Object.fromEntries([...assigned].map(([memberId, each]) => [memberId, Object.fromEntries(each)]))

test('every partition goes to exactly one member, which subscribes to its topic', () => {
  fc.assert(
    fc.property(group, ({ members, topics }) => {
      const assigned = assignPartitions(members, topics)
      for (const { topic, partitions } of topics) {
        const subscribers = members.filter((member) => member.topics.has(topic))
        const taken = subscribers.flatMap(({ memberId }) => assigned.get(memberId)?.get(topic) ?? [])
        expect(taken.sort((a, b) => a - b)).toEqual(subscribers.length > 0 ? partitions : [])
      }
      for (const { memberId, topics: subscribed } of members)
        for (const topic of assigned.get(memberId)?.keys() ?? []) expect(subscribed).toContain(topic)
    }),
  )
})

test('the partitions of a topic are spread evenly over its subscribers', () => {
  fc.assert(
    fc.property(group, ({ members, topics }) => {
      const assigned = assignPartitions(members, topics)
      for (const { topic } of topics) {
        const counts = members.flatMap((member) =>
          member.topics.has(topic) ? [assigned.get(member.memberId)?.get(topic)?.length ?? 0] : [],
        )
        expect(Math.max(0, ...counts) - Math.min(...counts)).toBeLessThanOrEqual(1)
      }
    }),
  )
})

test('the result does not depend on the order of the members or of their topics', () => {
  fc.assert(
    fc.property(group, fc.nat(), ({ members, topics }, turn) => {
      const turned = [...members.slice(turn % members.length), ...members.slice(0, turn % members.length)]
      const reversed = turned.map((member) => ({ ...member, topics: new Set([...member.topics].reverse()) }))
      const shuffled = topics.map(({ topic, partitions }) => ({ topic, partitions: [...partitions].reverse() }))
      expect(plain(assignPartitions(reversed, shuffled))).toEqual(plain(assignPartitions(members, topics)))
    }),
  )
})

/** kafkajs's own assigner, which releases before this assigner use. */
async function assignedByKafkajs(members: readonly Subscriber[], topics: readonly TopicPartitions[]) {
  const findTopicPartitionMetadata = (name: string) =>
    topics.find(({ topic }) => topic === name)?.partitions.map((partitionId) => ({ partitionId }))
  const context = { cluster: { findTopicPartitionMetadata } as unknown as Cluster } as Parameters<PartitionAssigner>[0]
  const assigned = await PartitionAssigners.roundRobin(context).assign({
    members: members.map(({ memberId, topics: list }) => ({ memberId, memberMetadata: subscriptionMetadata([...list]) })),
    topics: topics.map(({ topic }) => topic),
  })
  return Object.fromEntries(
    assigned.map(({ memberId, memberAssignment }) => [memberId, AssignerProtocol.MemberAssignment.decode(memberAssignment)?.assignment]),
  )
}

test('members with the same topics get what the assigner of older releases gives them, the event log included', async () => {
  await fc.assert(
    fc.asyncProperty(names, topics, async (memberIds, existing) => {
      const all = existing.filter(({ topic }) => topic !== '__proto__').map(partitionsOf) // kafkajs loses a topic of that name
      const members = memberIds
        .filter((memberId) => memberId !== '__proto__')
        .map((memberId) => ({ memberId, topics: new Set(all.map(({ topic }) => topic)) }))
      expect(plain(assignPartitions(members, all))).toEqual(await assignedByKafkajs(members, all))
    }),
  )
})

test('a member with one topic more gets all of that topic, and less of none', () => {
  const members = ['a', 'b', 'c'].map((memberId) => ({ memberId, topics: new Set(memberId === 'b' ? ['own', 'new'] : ['own']) }))
  const assigned = assignPartitions(members, [
    { topic: 'own', partitions: range(3) },
    { topic: 'new', partitions: range(2) },
  ])
  expect(plain(assigned)).toEqual({ a: { own: [0] }, b: { own: [1], new: [0, 1] }, c: { own: [2] } })
})
