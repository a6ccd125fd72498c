import { expect, test } from 'vitest'
import { EventLogClock } from '../../../../src/events/reading/event-log-clock.ts'

const NOW = 1_751_878_800_000

function clocks(offMs = 0) {
  const time = { wall: NOW + offMs, steady: 5000 }
  const clock = new EventLogClock({ clock: { wall: () => time.wall, steady: () => time.steady } })
  const pass = (ms: number) => {
    time.wall += ms
    time.steady += ms
  }
  return { time, clock, pass }
}

test.each([300_000, 0, -300_000])('a clock that is %i ms off gives the event log’s time once a record was observed', (offMs) => {
  const { clock, pass } = clocks(offMs)
  expect(clock.now()).toBe(NOW + offMs)
  clock.observe({ timestamp: NOW - 20 })
  expect(clock.now()).toBe(NOW - 20)
  pass(60_000)
  expect(clock.now()).toBe(NOW + 60_000 - 20)
})

test('setting the own clock changes nothing', () => {
  const { clock, time } = clocks()
  clock.observe({ timestamp: NOW })
  time.wall += 300_000
  expect(clock.now()).toBe(NOW)
})

test('a timestamp of a producer changes nothing', () => {
  const { clock } = clocks()
  clock.observe({ timestamp: NOW })
  clock.observe({ timestamp: NOW + 86_400_000, isProducerTime: true })
  expect(clock.now()).toBe(NOW)
})

test('its time is in whole milliseconds, as records carry it', () => {
  const { clock, pass } = clocks()
  clock.observe({ timestamp: NOW })
  pass(10.75)
  expect(clock.now()).toBe(NOW + 10)
})
