import { eventually } from '../../../support/eventually.ts'
import { untilDeleted } from '../../../support/stack/create-topic.ts'
import type { Case, CaseTopic } from '../case.ts'
import { keys } from '../cluster.ts'

async function deleteBefore({ name, cluster }: CaseTopic, offset: bigint): Promise<void> {
  // kafkajs does not look up the leader on its own.
  await eventually(
    async () => {
      await cluster.admin.fetchTopicMetadata({ topics: [name] })
      await cluster.admin.deleteTopicRecords({ topic: name, partitions: [{ partition: 0, offset: `${offset}` }] })
      return true
    },
    { timeoutMs: 10_000, intervalMs: 100 },
  )
}

/** Lets retention remove all records of the topic. */
async function expireAll({ name, cluster }: CaseTopic): Promise<void> {
  const { high } = await cluster.bounds(name)
  await setRetention(cluster.admin, name, '1')
  await eventually(async () => (await cluster.bounds(name)).low === high, { timeoutMs: 20_000, intervalMs: 100 })
  await setRetention(cluster.admin, name, '-1')
}

async function setRetention(admin: CaseTopic['cluster']['admin'], name: string, value: string): Promise<void> {
  await admin.alterConfigs({ validateOnly: false, resources: [{ type: 2, name, configEntries: [{ name: 'retention.ms', value }] }] })
}

async function recreate({ name, cluster }: CaseTopic): Promise<void> {
  await cluster.admin.deleteTopics({ topics: [name] })
  await untilDeleted(cluster.admin, name)
  await eventually(
    async () => {
      await cluster.createTopic(name)
      return true
    },
    { timeoutMs: 10_000, intervalMs: 100 },
  )
}

const first = { change: ({ name, cluster }: CaseTopic) => cluster.produce(name, ['a', 'b', 'c']), delivers: ['a', 'b', 'c'], ends: 3n }

/** The reason why reads at an offset miss these changes. */
const REMEMBERS_NOTHING =
  'a read at an offset knows nothing of the reads before it: whoever keeps the offset keeps something of the record too'

export const TOPIC_CHANGES: readonly Case[] = [
  {
    name: 'the start moves up to a reader that has read it all',
    steps: [
      first,
      { change: (topic) => deleteBefore(topic, 3n), delivers: [], ends: 3n },
      { change: ({ name, cluster }) => cluster.produce(name, ['d']), delivers: ['d'], ends: 4n },
    ],
  },
  {
    name: 'delete-records takes what stopped readers had not read',
    steps: [
      first,
      {
        isWhileStopped: true,
        change: async (topic) => {
          await topic.cluster.produce(topic.name, ['d', 'e', 'f'])
          await deleteBefore(topic, 5n)
        },
        delivers: ['f'],
        ends: 6n,
        lost: 2,
        reports: ['expired'],
      },
      { change: ({ name, cluster }) => cluster.produce(name, ['g']), delivers: ['g'], ends: 7n },
    ],
  },
  {
    name: 'retention takes everything while the readers are stopped',
    steps: [
      first,
      {
        isWhileStopped: true,
        change: async (topic) => {
          await topic.cluster.produce(topic.name, ['d', 'e', 'f'])
          await expireAll(topic)
        },
        delivers: [],
        ends: 6n,
        lost: 3,
        reports: ['expired'],
      },
      { change: ({ name, cluster }) => cluster.produce(name, ['g']), delivers: ['g'], ends: 7n },
    ],
  },
  {
    name: 'the topic is deleted and made anew with fewer records',
    mayBeUnready: true,
    without: { 'random reads': REMEMBERS_NOTHING },
    steps: [
      first,
      {
        change: async (topic) => {
          await recreate(topic)
          await topic.cluster.produce(topic.name, ['x0'])
        },
        delivers: ['x0'],
        ends: 1n,
        reports: ['topic-made-anew'],
      },
    ],
  },
  {
    name: 'the topic is deleted and made anew with more records',
    mayBeUnready: true,
    without: { 'random reads': REMEMBERS_NOTHING },
    steps: [
      first,
      {
        change: async (topic) => {
          await recreate(topic)
          await topic.cluster.produce(topic.name, keys('x', 5))
        },
        delivers: keys('x', 5),
        ends: 5n,
        reports: ['topic-made-anew'],
      },
      { change: ({ name, cluster }) => cluster.produce(name, ['y']), delivers: ['y'], ends: 6n },
    ],
  },
  {
    name: 'partitions are added',
    steps: [
      first,
      {
        change: async ({ name, cluster }) => {
          await cluster.admin.createPartitions({ topicPartitions: [{ topic: name, count: 2 }] })
          await cluster.produce(name, ['d'])
          await cluster.produce(name, ['p'], { partition: 1 })
        },
        delivers: ['d', 'p'],
        except: {
          // These read only partition 0.
          tail: { delivers: ['d'] },
          'random reads': { delivers: ['d'] },
        },
      },
    ],
  },
]
