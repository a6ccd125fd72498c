import { createRequire } from 'node:module'
import { beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import { type MemberAssigner, patchGroupMember } from '../../../../../src/kafka/client/patches/group-member-patch.ts'

const require = createRequire(import.meta.url)
const ConsumerGroup = require('kafkajs/src/consumer/consumerGroup')
const { KafkaJSProtocolError, KafkaJSConnectionError } = require('kafkajs/src/errors')

beforeAll(() => {
  patchGroupMember()
  patchGroupMember()
})

type Answer = string | Error | undefined

function refusal(answer: Answer): Error | undefined {
  if (answer === undefined || answer instanceof Error) return answer
  return new KafkaJSProtocolError(Object.assign(new Error(`refused: ${answer}`), { type: answer, retriable: AWAY.includes(answer) }))
}

const AWAY = ['NOT_COORDINATOR_FOR_GROUP', 'GROUP_LOAD_IN_PROGRESS']
const refused = () => new KafkaJSConnectionError('connect ECONNREFUSED')

/** A member whose coordinator gives these answers, one after the other, and then takes everything. */
function member({ joins = [], heartbeats = [] }: { joins?: Answer[]; heartbeats?: Answer[] } = {}) {
  const assigner: MemberAssigner & { protocol(): object } = {
    isOutdated: async () => false,
    protocol: () => ({ name: 'round robin', metadata: Buffer.alloc(0) }),
  }
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const asked: string[] = []
  const events: [string, Record<string, unknown>][] = []
  const partitions = new Map([['t', 2]])
  const coordinator = {
    connectionPool: { host: 'one', port: 1 },
    disconnect: async () => void asked.push('disconnect'),
    async joinGroup({ memberId }: { memberId: string }) {
      asked.push(`join ${memberId}`)
      const error = refusal(joins.shift())
      if (error) throw error
      return { generationId: 7, leaderId: 'other', memberId, members: [], groupProtocol: 'round robin' }
    },
    syncGroup: async () => ({ memberAssignment: Buffer.alloc(0) }),
    async heartbeat({ groupGenerationId }: { groupGenerationId: number }) {
      asked.push(`heartbeat ${groupGenerationId}`)
      const error = refusal(heartbeats.shift())
      if (error) throw error
    },
  }
  const log = { info() {}, warn() {}, debug() {}, namespace: () => log }
  const group = new ConsumerGroup({
    retry: { retries: 2, initialRetryTime: 100, maxRetryTime: 1000 },
    cluster: {
      findGroupCoordinator: async () => {
        asked.push('find')
        return coordinator
      },
      removeBroker: ({ host }: { host: string }) => asked.push(`remove ${host}`),
      committedOffsets: () => ({}),
      refreshMetadataIfNecessary: async () => {},
      findTopicPartitionMetadata: (topic: string) =>
        Array.from({ length: partitions.get(topic) ?? 0 }, (_, partitionId) => ({ partitionId })),
    },
    groupId: 'group',
    topics: ['t'],
    sessionTimeout: 6000,
    maxWaitTimeInMs: 200,
    logger: log,
    instrumentationEmitter: { emit: (type: string, payload: Record<string, unknown>) => events.push([type, payload]) },
    assigners: [assigner],
  })
  group.memberId = 'member-1'
  return { group, asked, events, partitions, assigner }
}

const beat = (group: { heartbeat(options: { interval: number }): Promise<void> }) => group.heartbeat({ interval: 200 })

test('reports the generation that it joined, the partitions of its topics, and when it sent the request', async () => {
  const { group, events } = member()
  const before = performance.now()
  await group.joinAndSync()
  expect(events).toMatchObject([
    ['consumer.group_join', { groupGenerationId: 7, memberId: 'member-1', memberAssignment: {}, partitions: new Map([['t', 2]]) }],
  ])
  expect(events[0]?.[1].sentAt).toBeGreaterThanOrEqual(before)
})

test('a member waits for a coordinator that is just becoming one, and keeps its id', async () => {
  const answers = [...Array.from({ length: 3 }, () => 'NOT_COORDINATOR_FOR_GROUP'), 'GROUP_LOAD_IN_PROGRESS', refused()]
  const { group, asked } = member({ joins: answers })
  const joined = group.joinAndSync()
  await vi.advanceTimersByTimeAsync(4000)
  await joined
  expect(asked.filter((each) => each.startsWith('join'))).toEqual(Array.from({ length: 6 }, () => 'join member-1'))
})

test('it does not wait without limit', async () => {
  const { group } = member({ joins: Array.from({ length: 1000 }, () => 'GROUP_LOAD_IN_PROGRESS') })
  const joined = expect(group.joinAndSync()).rejects.toThrow('GROUP_LOAD_IN_PROGRESS')
  await vi.advanceTimersByTimeAsync(6000)
  await joined
})

test('another refusal is reported at once', async () => {
  const { group, asked } = member({ joins: ['GROUP_AUTHORIZATION_FAILED'] })
  await expect(group.joinAndSync()).rejects.toThrow('GROUP_AUTHORIZATION_FAILED')
  expect(asked.filter((each) => each.startsWith('join'))).toHaveLength(1)
})

test('a member that the coordinator has forgotten joins as a new one', async () => {
  const { group, asked } = member({ joins: ['UNKNOWN_MEMBER_ID'] })
  const joined = group.joinAndSync()
  await vi.advanceTimersByTimeAsync(200)
  await joined
  expect(asked.filter((each) => each.startsWith('join'))).toEqual(['join member-1', 'join '])
})

test('heartbeats are sent when they are due, whatever the wall clock says', async () => {
  const { group, asked, events } = member()
  await group.joinAndSync()
  asked.length = 0
  vi.setSystemTime(Date.now() - 120_000)
  await beat(group)
  expect(asked).toEqual([])
  vi.advanceTimersByTime(200)
  await Promise.all([beat(group), beat(group)])
  expect(asked).toEqual(['heartbeat 7'])
  expect(events.at(-1)).toMatchObject(['consumer.heartbeat', { groupGenerationId: 7, memberId: 'member-1' }])
})

test.each([['NOT_COORDINATOR_FOR_GROUP'], [refused()]])(
  'after a heartbeat that met %s the next coordinator is looked for, in the same generation',
  async (answer) => {
    const { group, asked, events } = member({ heartbeats: [answer] })
    await group.joinAndSync()
    asked.length = 0
    vi.advanceTimersByTime(200)
    await beat(group)
    expect(events.filter(([type]) => type === 'consumer.heartbeat')).toHaveLength(0)
    await beat(group)
    expect(asked).toEqual(['heartbeat 7', 'remove one', 'disconnect', 'find', 'heartbeat 7'])
    expect(events.filter(([type]) => type === 'consumer.heartbeat')).toHaveLength(1)
  },
)

test.each(['REBALANCE_IN_PROGRESS', 'ILLEGAL_GENERATION', 'UNKNOWN_MEMBER_ID', 'GROUP_AUTHORIZATION_FAILED'])(
  'a heartbeat that met %s is told, so that the member joins again or ends',
  async (answer) => {
    const { group } = member({ heartbeats: [answer] })
    await group.joinAndSync()
    vi.advanceTimersByTime(200)
    await expect(beat(group)).rejects.toThrow(answer)
  },
)

test('a coordinator that stays away for a session ends the membership', async () => {
  const { group } = member({ heartbeats: Array.from({ length: 100 }, refused) })
  await group.joinAndSync()
  for (let time = 0; time < 29; time++) {
    vi.advanceTimersByTime(200)
    await beat(group)
  }
  vi.advanceTimersByTime(400)
  await expect(beat(group)).rejects.toThrow('ECONNREFUSED')
})

test('it reads nothing, and rejoins when a topic has other partitions', async () => {
  const { group, asked, partitions } = member()
  await group.joinAndSync()
  asked.length = 0
  const fetch = async () => {
    const fetched = group.fetch('member')
    await vi.advanceTimersByTimeAsync(200)
    return fetched
  }
  expect(await fetch()).toEqual([])
  expect(asked).toEqual([])
  partitions.set('t', 3)
  await fetch()
  expect(asked).toEqual(['find', 'join member-1'])
  expect(group.getNodeIds()).toEqual(['member'])
})

test.each([
  ['it', 'member-1', ['find', 'join member-1']],
  ['another member', 'other', []],
])('when a topic of other members has other partitions and %s leads the group, it rejoins or not', async (_who, leaderId, expected) => {
  const { group, asked, assigner } = member()
  await group.joinAndSync()
  group.leaderId = leaderId
  asked.length = 0
  assigner.isOutdated = async () => true
  const fetched = group.fetch('member')
  await vi.advanceTimersByTimeAsync(200)
  await fetched
  expect(asked).toEqual(expected)
})

test('its assigner says when the next heartbeat may be sent, but not while the coordinator is lost', async () => {
  const { group, assigner } = member({ heartbeats: [refused()] })
  await group.joinAndSync()
  const rests: number[] = []
  assigner.rest = async (ms) => void rests.push(ms)
  await group.fetch('member')
  expect(rests).toEqual([200])
  vi.advanceTimersByTime(200)
  await beat(group)
  const fetched = group.fetch('member')
  await vi.advanceTimersByTimeAsync(200)
  await fetched
  expect(rests).toEqual([200])
})
