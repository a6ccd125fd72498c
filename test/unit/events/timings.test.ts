import { expect, test } from 'vitest'
import { DRAIN_MS, LIVE_MS, LONGEST_AGE_STEP_MS, SLOW_ACK_MS, TICK_MS, TURN_MS, TURNS } from '../../../src/events/timings.ts'

test('the timings are the measured ones', () => {
  expect({ TURN_MS, TURNS, SLOW_ACK_MS, LIVE_MS, DRAIN_MS, LONGEST_AGE_STEP_MS, TICK_MS }).toEqual({
    TURN_MS: 500,
    TURNS: 3,
    SLOW_ACK_MS: 1000,
    LIVE_MS: 1000,
    DRAIN_MS: 1600,
    LONGEST_AGE_STEP_MS: 100,
    TICK_MS: 20,
  })
})
