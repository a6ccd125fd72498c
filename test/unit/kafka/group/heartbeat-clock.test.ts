import { expect, test } from 'vitest'
import { createHeartbeatClock } from '../../../../src/kafka/group/heartbeat-clock.ts'

/** Both clocks stand at 1000, and the wall clock can be set. */
function setUp() {
  const time = { wall: 1000, steady: 1000 }
  return { time, clock: createHeartbeatClock({ wallClock: () => time.wall, steadyClock: () => time.steady }) }
}

test('a heartbeat counts from its sending, and only once its answer was good', () => {
  const { clock } = setUp()
  expect(clock.lastSentAt()).toBe(Number.NEGATIVE_INFINITY)
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
  const { clock } = setUp()
  clock.requested({ apiName: 'Heartbeat', sentAt: 500 })
  clock.beaten()
  clock.requested({ apiName: 'SyncGroup', sentAt: 400 })
  clock.joined()
  expect(clock.lastSentAt()).toBe(500)
})

test.each([-300_000, 300_000])('a wall clock that is set by %i ms makes a membership neither fresher nor older', (byMs) => {
  const { time, clock } = setUp()
  clock.requested({ apiName: 'Heartbeat', sentAt: 900 })
  clock.beaten()
  time.wall += byMs
  time.steady += 5000
  expect(time.steady - clock.lastSentAt()).toBe(5100)
  clock.requested({ apiName: 'Heartbeat', sentAt: time.wall - 20 })
  clock.beaten()
  expect(time.steady - clock.lastSentAt()).toBe(20)
})
