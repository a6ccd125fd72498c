import { expect, test } from 'vitest'
import { createHeartbeatClock } from '../../../src/kafka/heartbeat-clock.ts'

test('a heartbeat counts from its sending, and only once its answer was good', () => {
  const clock = createHeartbeatClock()
  expect(clock.lastSentAt()).toBe(0)
  clock.requested({ apiName: 'SyncGroup', sentAt: 100 })
  clock.joined()
  expect(clock.lastSentAt()).toBe(100)
  clock.requested({ apiName: 'Fetch', sentAt: 150 })
  clock.requested({ apiName: 'Heartbeat', sentAt: 200 })
  expect(clock.lastSentAt()).toBe(100)
  clock.beaten()
  expect(clock.lastSentAt()).toBe(200)
})

test('an old join does not make a membership older', () => {
  const clock = createHeartbeatClock()
  clock.requested({ apiName: 'Heartbeat', sentAt: 500 })
  clock.beaten()
  clock.requested({ apiName: 'SyncGroup', sentAt: 400 })
  clock.joined()
  expect(clock.lastSentAt()).toBe(500)
})
