import { eventually } from '../../../support/eventually.ts'
import type { Case, CaseTopic, Step } from '../case.ts'
import { keys } from '../cluster.ts'
import { meeting } from '../meeting.ts'

/** The partition is on the second and the third broker; the first one keeps the majority of the controllers. */
const [LEADER, FOLLOWER] = [2, 3] as const
const LOST = 5

function broker({ cluster }: CaseTopic, id: number) {
  const found = cluster.kafka.nodes.find((each) => each.id === id)
  if (!found) throw new Error(`there is no broker ${id}`)
  return found
}

async function untilPartition({ name, cluster }: CaseTopic, isAsWanted: (leader: number, inSync: number) => boolean): Promise<void> {
  await eventually(
    async () => {
      const [partition] = (await cluster.admin.fetchTopicMetadata({ topics: [name] })).topics[0]?.partitions ?? []
      return partition !== undefined && isAsWanted(partition.leader, partition.isr.length)
    },
    { timeoutMs: 30_000, intervalMs: 100 },
  )
}

const CASES = [
  { new: 2, what: 'fewer records than were lost are new' },
  { new: LOST, what: 'exactly as many records as were lost are new' },
  { new: 8, what: 'more records than were lost are new' },
].flatMap((each) => [
  { ...each, isWhileStopped: false },
  { ...each, isWhileStopped: true },
])

/** All cases share one election: each step begins when the step before it is checked in all of them. */
const stopFollower = meeting(CASES.length, (topic: CaseTopic) => broker(topic, FOLLOWER).kill())
const electFollower = meeting(CASES.length, async (topic: CaseTopic) => {
  await broker(topic, LEADER).kill()
  await broker(topic, FOLLOWER).start()
})

function steps(count: number, isWhileStopped: boolean): [Step, Step, Step] {
  return [
    {
      change: async (topic) => {
        await untilPartition(topic, (leader, inSync) => leader === LEADER && inSync === 2)
        await topic.cluster.produce(topic.name, ['a', 'b', 'c'])
      },
      delivers: ['a', 'b', 'c'],
      ends: 3n,
    },
    {
      change: async (topic) => {
        await stopFollower(topic)
        await untilPartition(topic, (_leader, inSync) => inSync === 1)
        await topic.cluster.produce(topic.name, keys('lost', LOST))
      },
      delivers: keys('lost', LOST),
      ends: BigInt(3 + LOST),
    },
    {
      isWhileStopped,
      change: async (topic) => {
        await electFollower(topic)
        await untilPartition(topic, (leader) => leader === FOLLOWER)
        await topic.cluster.produce(topic.name, keys('new', count))
      },
      delivers: keys('new', count),
      ends: BigInt(3 + count),
      reports: ['truncated'],
    },
  ]
}

const REMEMBERS_NOTHING = 'a read at an offset that exists cannot know that it once held another record'

export const ELECTION: readonly Case[] = CASES.map(({ what, new: count, isWhileStopped }) => ({
  name: `an unclean election while readers ${isWhileStopped ? 'are stopped' : 'run'}: ${what}`,
  config: { 'min.insync.replicas': '1', 'unclean.leader.election.enable': 'true' },
  replicas: [LEADER, FOLLOWER],
  mayBeUnready: true,
  without: { 'random reads': REMEMBERS_NOTHING, ...(isWhileStopped ? { CLI: REMEMBERS_NOTHING, tail: REMEMBERS_NOTHING } : {}) },
  steps: steps(count, isWhileStopped),
}))
