import { expect, test } from 'vitest'
import { LogClock } from '../../../../src/events/reading/event-log-clock.ts'

test.each([300_000, 0, -300_000])('an own clock that is %i ms off tells the log’s time once a record has come by', (offMs) => {
  let time = 1_751_878_800_000
  const clock = new LogClock({ now: () => time + offMs })
  expect(clock.now()).toBe(time + offMs)
  clock.observe(time - 20)
  expect(clock.now()).toBe(time - 20)
  time += 60_000
  expect(clock.now()).toBe(time - 20)
})

test('an own clock that is set is noticed at the next record', () => {
  let own = 1_000_000
  const clock = new LogClock({ now: () => own })
  clock.observe(1_000_000)
  own += 300_000
  clock.observe(1_000_010)
  expect(clock.now()).toBe(1_000_010)
})
