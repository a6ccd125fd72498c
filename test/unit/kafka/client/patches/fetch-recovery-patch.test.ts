import { createRequire } from 'node:module'
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { patchFetchRecovery } from '../../../../../src/kafka/client/patches/fetch-recovery-patch.ts'

const { prototype } = createRequire(import.meta.url)('kafkajs/src/consumer/consumerGroup')

beforeAll(() => patchFetchRecovery())
beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }))
afterEach(() => void vi.useRealTimers())

/** A member that counts its joins and its looks at the metadata. */
function member() {
  const done: string[] = []
  const group = Object.assign(Object.create(prototype), {
    cluster: {
      refreshMetadata: async () => void done.push('metadata'),
    },
    joinAndSync: async () => void done.push('join'),
    logger: { debug: () => {} },
  })
  const recover = (error: object): Promise<void> => group.recoverFromFetch(Object.assign(new Error('fetch failed'), error))
  return { group, done, recover }
}

const REFUSED = { name: 'KafkaJSConnectionError' }

test.each([
  { type: 'NOT_LEADER_FOR_PARTITION' },
  { type: 'LEADER_NOT_AVAILABLE' },
  { type: 'FENCED_LEADER_EPOCH' },
  REFUSED,
  { name: 'KafkaJSRequestTimeoutError' },
])('a leader that moves or is away (%o) is looked for, and the group is left alone', async (error) => {
  const { done, recover } = member()
  await recover(error)
  expect(done).toEqual(['metadata'])
})

test('the event loop turns before the next fetch', async () => {
  const { done, recover } = member()
  const turn = new Promise((resolve) => setTimeout(resolve)).then(() => done.push('turn'))
  await recover(REFUSED)
  await turn
  expect(done).toEqual(['metadata', 'turn'])
})

test('what kafkajs does about other errors stays', async () => {
  const { done, recover } = member()
  await recover({ type: 'UNKNOWN_TOPIC_OR_PARTITION' })
  expect(done).toEqual(['metadata', 'join'])
  await expect(recover({ name: 'KafkaJSSASLAuthenticationError' })).rejects.toThrow('fetch failed')
})

test('metadata that cannot be had either does not end the membership', async () => {
  const { group, recover } = member()
  group.cluster = { refreshMetadata: () => Promise.reject(new Error('no broker')) }
  await recover(REFUSED)
})

test('a leader that stays away ends it after 20 s, so that a new member begins', async () => {
  const { recover } = member()
  for (let second = 0; second <= 20; second += 4) {
    await recover(REFUSED)
    vi.advanceTimersByTime(4000)
  }
  await expect(recover(REFUSED)).rejects.toThrow('fetch failed')
})

test('trouble that was over in between counts from its beginning', async () => {
  const { recover } = member()
  for (let time = 0; time < 5; time++) {
    await recover(REFUSED)
    vi.advanceTimersByTime(10_000)
  }
})
