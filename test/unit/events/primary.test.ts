import { expect, test } from 'vitest'
import { createPrimary } from '../../../src/events/primary.ts'

function primary({ isAssigned = true, lastHeartbeatSentAt = 0 } = {}) {
  const state = { now: 0, isAssigned, lastHeartbeatSentAt }
  const membership = { isAssigned: () => state.isAssigned, lastHeartbeatSentAt: () => state.lastHeartbeatSentAt, sessionTimeoutMs: 6000 }
  return { state, made: createPrimary({ membership, clock: { steady: () => state.now } }) }
}

test('the primary is the instance to which the partition is assigned, while its last answered heartbeat is fresh', () => {
  const { state, made } = primary()
  expect(made.isPrimary()).toBe(true)
  state.now = 2999
  expect(made.isPrimary()).toBe(true)
  state.isAssigned = false
  expect(made.isPrimary()).toBe(false)
})

test('an instance that was frozen for half a session is not the primary until the group has answered', () => {
  const { state, made } = primary()
  state.now = 3000
  expect(made.isPrimary()).toBe(false)
  state.lastHeartbeatSentAt = 2990
  expect(made.isPrimary()).toBe(true)
})

test('before the first heartbeat no instance is the primary', () => {
  expect(primary({ lastHeartbeatSentAt: Number.NEGATIVE_INFINITY }).made.isPrimary()).toBe(false)
})
