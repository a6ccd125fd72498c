import { createRequire } from 'node:module'
import { expect, test } from 'vitest'
import { patchOffsetManager } from '../../../../../src/kafka/client/patches/offset-manager-patch.ts'

const require = createRequire(import.meta.url)
const OffsetManager = require('kafkajs/src/consumer/offsetManager')
const { KafkaJSProtocolError } = require('kafkajs/src/errors')

const COMMIT = { topics: [{ topic: 't', partitions: [{ partition: 0, offset: '7' }] }] }

function manager(type: string) {
  const taken: unknown[] = []
  const old = {
    isConnected: () => true,
    offsetCommit: () => Promise.reject(new KafkaJSProtocolError(Object.assign(new Error('refused'), { type }))),
  }
  const made = new OffsetManager({
    groupId: 'g',
    coordinator: old,
    memberAssignment: { t: [0] },
    topicConfigurations: { t: {} },
    instrumentationEmitter: { emit() {} },
    cluster: {
      committedOffsets: () => ({}),
      refreshMetadata: async () => {},
      findGroupCoordinator: async () => ({ isConnected: () => true, offsetCommit: async (payload: unknown) => void taken.push(payload) }),
    },
  })
  return { made, taken, old }
}

test('after a commit that was sent to a coordinator of before, the next one goes to the one of now', async () => {
  patchOffsetManager()
  patchOffsetManager()
  const { made, taken } = manager('NOT_COORDINATOR_FOR_GROUP')
  await expect(made.commitOffsets(COMMIT)).rejects.toThrow('refused')
  await made.commitOffsets(COMMIT)
  expect(taken).toMatchObject([{ groupId: 'g', ...COMMIT }])
})

test('another refusal leaves the coordinator as it is', async () => {
  patchOffsetManager()
  const { made, old } = manager('UNKNOWN_MEMBER_ID')
  await expect(made.commitOffsets(COMMIT)).rejects.toThrow('refused')
  expect(made.coordinator).toBe(old)
})
