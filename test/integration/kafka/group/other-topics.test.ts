import { Kafka, logLevel, PartitionAssigners } from 'kafkajs'
import { type Logger, pino } from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import { createGroupConsumer, type GroupConsumer } from '../../../../src/kafka/group/group-consumer.ts'
import { SYSTEM_CLOCK } from '../../../../src/lifecycle/clock.ts'
import { eventually } from '../../../support/eventually.ts'
import { createTopic } from '../../../support/stack/create-topic.ts'
import { kafkaBrokers } from '../../../support/stack/shared-stack.ts'
import { connection, health, log, metrics, outgoing, producer, randomName } from '../parts.ts'

const WITHIN = { timeoutMs: 20_000 }

interface Member extends GroupConsumer {
  /** `topic value` of each handled record. */
  readonly handled: readonly string[]
}

/** A started member that subscribes to these topics, the last of which it owns and does not read. */
async function member(groupId: string, topics: readonly string[], logger: Logger = log): Promise<Member> {
  const handled: string[] = []
  const group = createGroupConsumer(
    { groupId, topics: topics.slice(0, -1), ownedTopics: topics.slice(-1), sessionTimeoutMs: 6000, maxInFlight: 10 },
    {
      clock: SYSTEM_CLOCK,
      kafka: connection(),
      log: logger,
      metrics: metrics(),
      health: health(),
      isTransient: () => false,
      deadLetter: async () => {},
      handle: async ({ topic, value }) => void handled.push(`${topic} ${value}`),
    },
  )
  onTestFinished(() => group.stop())
  await group.start()
  return Object.assign(group, { handled })
}

const assignedTo = (group: GroupConsumer) => Object.fromEntries(group.assigned())
const numbers = (count: number) => Array.from({ length: count }, (_, index) => `${index}`)
const values = (topic: string, count = 40) => numbers(count).map((value) => `${topic} ${value}`)

async function topicsWithRecords() {
  const [shared, added, owned] = await Promise.all([createTopic({ partitions: 2 }), createTopic({ partitions: 3 }), createTopic()])
  const lanes = await producer(connection())
  const write = (count = 40) =>
    Promise.all(
      [shared, added].map((topic) =>
        lanes.sendAll(
          topic,
          numbers(count).map((value) => outgoing(value, value)),
        ),
      ),
    )
  await write()
  return { shared, added, owned, write }
}

test.each([
  ['the member with fewer topics leads', ['older', 'newer']],
  ['the member with more topics leads', ['newer', 'older']],
])('members with different topics share a group, each topic is read by one that subscribes to it: %s', async (_case, order) => {
  const { shared, added, owned } = await topicsWithRecords()
  const groupId = randomName('group')
  const lists: Record<string, string[]> = { older: [shared, owned], newer: [shared, added, owned] }
  const members: Record<string, Member> = {}
  for (const name of order) {
    const joined = await member(groupId, lists[name] ?? [])
    await eventually(() => expect(joined.assigned().size).toBeGreaterThan(0), WITHIN)
    members[name] = joined
  }
  const { older, newer } = members as { older: Member; newer: Member }
  await eventually(() => {
    expect(assignedTo(newer)[added]).toEqual([0, 1, 2])
    expect([...(older.assigned().get(shared) ?? []), ...(newer.assigned().get(shared) ?? [])].sort()).toEqual([0, 1])
    expect([older, newer].flatMap((each) => each.assigned().get(owned) ?? [])).toEqual([0])
  }, WITHIN)
  expect(assignedTo(older)[added]).toBeUndefined()
  expect(older.assigned().get(shared)).toHaveLength(1)
  await eventually(() => {
    expect(new Set([...older.handled, ...newer.handled])).toEqual(new Set([...values(shared), ...values(added)]))
  }, WITHIN)
  expect(older.handled.filter((each) => each.startsWith(added))).toEqual([])
})

test('partitions that are added to a topic which the leader does not read are read', async () => {
  const { shared, added, owned, write } = await topicsWithRecords()
  const groupId = randomName('group')
  const older = await member(groupId, [shared, owned])
  await eventually(() => expect(older.assigned().size).toBeGreaterThan(0), WITHIN)
  const newer = await member(groupId, [shared, added, owned])
  await eventually(() => expect(assignedTo(newer)[added]).toEqual([0, 1, 2]), WITHIN)
  await connection().withAdmin((admin) => admin.createPartitions({ topicPartitions: [{ topic: added, count: 5 }] }))
  await eventually(() => expect(assignedTo(newer)[added]).toEqual([0, 1, 2, 3, 4]), { timeoutMs: 30_000 })
  await write(60)
  await eventually(
    () => expect(new Set(newer.handled.filter((each) => each.startsWith(added)))).toEqual(new Set(values(added, 60))),
    WITHIN,
  )
})

/** A member as in releases before our own assigner: kafkajs's. Returns how it leaves. */
async function memberOfOlderRelease(groupId: string, topics: string[]): Promise<() => Promise<void>> {
  const kafka = new Kafka({ clientId: 'test', brokers: kafkaBrokers(), logLevel: logLevel.NOTHING })
  const consumer = kafka.consumer({
    groupId,
    partitionAssigners: [PartitionAssigners.roundRobin],
    maxWaitTimeInMs: 200,
    heartbeatInterval: 200,
  })
  onTestFinished(() => consumer.disconnect())
  const joined = new Promise<void>((resolve) => consumer.on(consumer.events.GROUP_JOIN, () => resolve()))
  await consumer.connect()
  await consumer.subscribe({ topics })
  await consumer.run({ autoCommit: false, eachBatch: async () => {} })
  await joined
  return () => consumer.disconnect()
}

test('while an older release leads, what it assigns beyond our topics is left alone and reported once, and nothing is lost', async () => {
  const { shared, added, owned } = await topicsWithRecords()
  const gone = await createTopic({ partitions: 2 })
  const groupId = randomName('group')
  const leave = await memberOfOlderRelease(groupId, [gone, shared, owned])
  const lines: { topics?: string[] }[] = []
  const newer = await member(
    groupId,
    [shared, added, owned],
    pino({ level: 'warn' }, { write: (line: string) => void lines.push(JSON.parse(line)) }),
  )
  await eventually(() => expect(newer.assigned().get(shared)).toHaveLength(1), WITHIN)
  expect(newer.assigned().has(gone)).toBe(false)
  expect(newer.assigned().has(added)).toBe(false) // this is what an operator has to know
  expect(lines).toMatchObject([{ group: groupId, topics: [gone] }])
  await leave()
  await eventually(() => expect(newer.assigned().get(added)).toEqual([0, 1, 2]), WITHIN)
  await eventually(() => expect(new Set(newer.handled.filter((each) => each.startsWith(added)))).toEqual(new Set(values(added))), WITHIN)
  expect(lines).toHaveLength(1)
})
