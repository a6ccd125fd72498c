import { createRequire } from 'node:module'
import { expect, onTestFinished, test, vi } from 'vitest'
import { patchGroupJoin } from '../../../../../src/kafka/client/patches/group-join-patch.ts'

const require = createRequire(import.meta.url)
const ConsumerGroup = require('kafkajs/src/consumer/consumerGroup')
const { KafkaJSProtocolError } = require('kafkajs/src/errors')

/** A member whose coordinator answers its joins with these refusals, one after the other, and then takes it. */
function member(refusals: readonly string[]) {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const left = [...refusals]
  const joins: string[] = []
  const coordinator = {
    async joinGroup({ memberId }: { memberId: string }) {
      joins.push(memberId)
      const type = left.shift()
      if (type) throw new KafkaJSProtocolError(Object.assign(new Error(`refused: ${type}`), { type, retriable: true }))
      return { generationId: 2, leaderId: 'other', memberId, members: [], groupProtocol: 'round robin' }
    },
    syncGroup: async () => ({ memberAssignment: Buffer.alloc(0) }),
  }
  const log = { info() {}, warn() {}, debug() {}, namespace: () => log }
  const group = new ConsumerGroup({
    retry: { retries: 2, initialRetryTime: 100, maxRetryTime: 1000 },
    cluster: { findGroupCoordinator: async () => coordinator, committedOffsets: () => ({}) },
    groupId: 'group',
    topics: [],
    logger: log,
    instrumentationEmitter: { emit() {} },
    assigners: [],
  })
  group.memberId = 'member-1'
  return { group, joins }
}

test('a member waits for a coordinator that is just becoming one, and stays who it is', async () => {
  patchGroupJoin()
  patchGroupJoin()
  const moves = ['NOT_COORDINATOR_FOR_GROUP', 'NOT_COORDINATOR_FOR_GROUP', 'NOT_COORDINATOR_FOR_GROUP', 'GROUP_LOAD_IN_PROGRESS']
  const { group, joins } = member([...moves, 'GROUP_LOAD_IN_PROGRESS'])
  const joined = group.joinAndSync()
  await vi.advanceTimersByTimeAsync(4000)
  await joined
  expect(joins).toEqual(Array.from({ length: 6 }, () => 'member-1'))
})

test('it does not wait for ever', async () => {
  patchGroupJoin()
  const { group } = member(Array.from({ length: 1000 }, () => 'GROUP_LOAD_IN_PROGRESS'))
  const joined = expect(group.joinAndSync()).rejects.toThrow('GROUP_LOAD_IN_PROGRESS')
  await vi.advanceTimersByTimeAsync(6000)
  await joined
})

test('another refusal is told at once', async () => {
  patchGroupJoin()
  const { group, joins } = member(['GROUP_AUTHORIZATION_FAILED'])
  await expect(group.joinAndSync()).rejects.toThrow('GROUP_AUTHORIZATION_FAILED')
  expect(joins).toHaveLength(1)
})
