import { AssignerProtocol, type Cluster } from 'kafkajs'
import { pino } from 'pino'
import { expect, onTestFinished, test, vi } from 'vitest'
import { subscriptionMetadata } from '../../../../../src/kafka/group/membership/subscription.ts'
import { SubscriptionAssigner } from '../../../../../src/kafka/group/membership/subscription-assigner.ts'
import { BytesWriter } from '../../../../../src/kafka/wire/bytes/bytes-writer.ts'

interface KnownTopic {
  readonly errorCode?: number
  readonly partitions?: number
}

/** Metadata of version 10 as a broker answers it. */
function metadata(topics: Readonly<Record<string, KnownTopic>>): Buffer {
  const writer = new BytesWriter().uvarint(0).int32(0).uvarint(1).compactString('cluster').int32(1)
  writer.uvarint(Object.keys(topics).length + 1)
  for (const [topic, { errorCode = 0, partitions = 0 }] of Object.entries(topics)) {
    writer.int16(errorCode).compactString(topic).bytes(Buffer.alloc(16, 7)).int8(0)
    writer.uvarint(partitions + 1)
    for (let partition = partitions - 1; partition >= 0; partition--) {
      writer.int16(0).int32(partition).int32(1).int32(0)
      writer.uvarint(2).int32(1).uvarint(2).int32(1).uvarint(1).uvarint(0)
    }
    writer.int32(0).uvarint(0)
  }
  return writer.uvarint(0).written()
}

interface Protocol {
  request: { encode(): Promise<unknown> }
  response: { decode(body: Buffer): Promise<unknown>; parse(decoded: unknown): Promise<unknown> }
}

/** A leader that subscribes to `own`, with two partitions, in a cluster whose coordinator answers for other topics. */
function leader(answer: () => Readonly<Record<string, KnownTopic>> | Promise<never>) {
  const lines: { topics: string[] }[] = []
  const clock = { now: 0 }
  const broker = {
    versions: {},
    brokerAddress: 'broker:1',
    lookupRequest: (_key: number, { protocol }: { protocol(negotiated: { version: number }): unknown }) => protocol({ version: 10 }),
    async fetch(this: { lookupRequest(): () => Protocol }) {
      const { request, response } = this.lookupRequest()()
      await request.encode()
      return response.parse(await response.decode(metadata(await answer())))
    },
  }
  const cluster = {
    findTopicPartitionMetadata: (topic: string) => (topic === 'own' ? [{ partitionId: 1 }, { partitionId: 0 }] : []),
    findGroupCoordinator: async () => broker,
  } as unknown as Cluster
  const log = pino({ level: 'warn' }, { write: (line: string) => void lines.push(JSON.parse(line)) })
  const assigner = new SubscriptionAssigner({ groupId: 'g' }, { log, clock: { steady: () => clock.now } }).forCluster(cluster)
  const assign = async (subscriptions: Readonly<Record<string, Buffer | string[]>>) => {
    const members = Object.entries(subscriptions).map(([memberId, topics]) => ({
      memberId,
      memberMetadata: Array.isArray(topics) ? subscriptionMetadata(topics) : topics,
    }))
    const assigned = await assigner.assign({ members, topics: ['own'] })
    return Object.fromEntries(
      assigned.map((each) => [each.memberId, AssignerProtocol.MemberAssignment.decode(each.memberAssignment)?.assignment]),
    )
  }
  return { assigner, assign, lines, clock }
}

test('a leader assigns a topic to which it does not subscribe, to the member that does', async () => {
  const { assign, lines } = leader(() => ({ new: { partitions: 3 } }))
  expect(await assign({ a: ['own'], b: ['own', 'new'] })).toEqual({ a: { own: [0] }, b: { own: [1], new: [0, 1, 2] } })
  expect(lines).toEqual([])
})

test('Kafka is asked about no topic when all members subscribe to the topics of the leader', async () => {
  const { assign } = leader(() => Promise.reject(new Error('asked')))
  expect(await assign({ a: ['own'], b: ['own'] })).toEqual({ a: { own: [0] }, b: { own: [1] } })
})

test('a member whose topics cannot be read gets nothing', async () => {
  const { assign } = leader(() => ({}))
  expect(await assign({ a: ['own'], b: Buffer.from('00', 'hex'), c: Buffer.alloc(0) })).toEqual({ a: { own: [0, 1] } })
})

test.each([3, 17, 29])('a topic that the broker does not give (error %i) is left out and reported once', async (errorCode) => {
  const topics: Record<string, KnownTopic> = { gone: { errorCode }, new: { partitions: 1 } }
  const { assign, lines } = leader(() => topics)
  for (let times = 0; times < 3; times++) {
    expect(await assign({ a: ['own'], b: ['own', 'gone', 'new'] })).toEqual({ a: { own: [0] }, b: { own: [1], new: [0] } })
  }
  expect(lines.map((line) => line.topics)).toEqual([['gone']])
  topics.gone = { partitions: 1 }
  expect((await assign({ a: ['own'], b: ['own', 'gone', 'new'] })).b).toMatchObject({ gone: [0] })
})

test.each<[string, KnownTopic, KnownTopic]>([
  ['gets partitions', { partitions: 1 }, { partitions: 2 }],
  ['is created', { errorCode: 3 }, { partitions: 1 }],
  ['is deleted', { partitions: 1 }, { errorCode: 3 }],
])('an assignment is outdated when a topic of another member %s; Kafka is asked every ten seconds', async (_what, before, after) => {
  let topic = before
  let times = 0
  const { assign, assigner, clock } = leader(() => {
    times++
    return { new: topic }
  })
  await assign({ a: ['own'], b: ['own', 'new'] })
  topic = after
  clock.now = 9999
  expect([await assigner.isOutdated(), times]).toEqual([false, 1])
  clock.now = 10_000
  expect([await assigner.isOutdated(), times]).toEqual([true, 2])
  await assign({ a: ['own'], b: ['own', 'new'] })
  clock.now = 30_000
  expect([await assigner.isOutdated(), times]).toEqual([false, 4])
})

test('without topics of other members nothing is looked up again, and a look-up that fails changes nothing', async () => {
  let answer: () => Promise<Record<string, KnownTopic>> = async () => ({ new: { partitions: 1 } })
  const { assign, assigner, clock } = leader(() => answer() as Promise<never>)
  await assign({ a: ['own'], b: ['own', 'new'] })
  answer = () => Promise.reject(new Error('asked'))
  clock.now = 20_000
  expect(await assigner.isOutdated()).toBe(false)
  await assign({ a: ['own'] })
  clock.now = 40_000
  expect(await assigner.isOutdated()).toBe(false)
})

test('a passing error of a topic fails the assignment, so that the join is repeated', async () => {
  const { assign } = leader(() => ({ new: { errorCode: 5 } }))
  await expect(assign({ a: ['own'], b: ['new'] })).rejects.toMatchObject({ type: 'LEADER_NOT_AVAILABLE', retriable: true })
})

test('a broker that does not answer fails the assignment in time', async () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const { assign } = leader(() => new Promise<never>(() => {}))
  const late = expect(assign({ a: ['own'], b: ['new'] })).rejects.toMatchObject({ name: 'DeadlineError' })
  await vi.advanceTimersByTimeAsync(2500)
  await late
})
