import { expect, test } from 'vitest'
import { BrokerTime } from '../../../../src/kafka/producer/broker-time.ts'
import { fakeClock } from '../../../support/fake-clock.ts'
import { fc } from '../../../support/properties.ts'

const HOUR = 3_600_000
const NOW = 1_700_000_000_000

function setUp({ aheadMs = 0 } = {}) {
  const clock = fakeClock(NOW + aheadMs)
  const heard: (number | undefined)[] = []
  const time = new BrokerTime({ clock, onApart: (ahead) => heard.push(ahead) })
  const broker = { now: () => NOW + clock.steady() - 1000 }
  /** A batch takes `oneWayMs` to a broker that stamps it, and back. */
  const exchange = (oneWayMs: number) => {
    const [stamp, sentAt] = [time.stamp(), clock.steady()]
    clock.advance(oneWayMs)
    const appendedAt = broker.now()
    clock.advance(oneWayMs)
    time.accepted({ stamp, appendedAt, sentAt, answeredAt: clock.steady() })
  }
  return { clock, time, heard, broker, exchange }
}

test('stamps by the wall clock until a broker has returned its time, then by the broker', () => {
  const { time, exchange, broker } = setUp({ aheadMs: 2 * HOUR })
  expect(time.stamp()).toBe(NOW + 2 * HOUR)
  expect(time.aheadMs()).toBeUndefined()
  exchange(5)
  expect(Math.abs(time.stamp() - broker.now())).toBeLessThanOrEqual(5)
  expect(time.aheadMs()).toBeCloseTo(2 * HOUR, -2)
})

test('setting our wall clock changes no timestamp, and is reported', () => {
  const { time, clock, heard, exchange, broker } = setUp()
  exchange(1)
  clock.setWall(NOW - 2 * HOUR)
  expect(Math.abs(time.stamp() - broker.now())).toBeLessThanOrEqual(1)
  exchange(1)
  expect(heard).toEqual([expect.closeTo(-2 * HOUR, -2)])
  clock.setWall(broker.now())
  exchange(1)
  expect(heard.at(-1)).toBeUndefined()
  expect(heard).toHaveLength(2)
})

test('a slow answer does not spoil the estimate of a quick one', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 20_000 }), { maxLength: 20 }), (delays) => {
      const { time, exchange, broker } = setUp({ aheadMs: -HOUR })
      exchange(3)
      for (const delay of delays) exchange(delay)
      expect(Math.abs(time.stamp() - broker.now())).toBeLessThanOrEqual(4)
    }),
  )
})

test.each([90 * 60_000, 2 * HOUR, 5 * HOUR, 24 * HOUR, 3 * 365 * 24 * HOUR, -2 * HOUR, -400 * 24 * HOUR])(
  'a refused timestamp is followed by others until one is taken, with a clock %d ms ahead',
  (aheadMs) => {
    const { time, clock, broker } = setUp({ aheadMs })
    const most = Math.abs(aheadMs) / (aheadMs < 0 ? 2 : 0.5)
    const isTaken = (stamp: number) => stamp <= broker.now() + HOUR && stamp >= broker.now() - most
    let tries = 0
    while (!isTaken(time.stamp())) {
      const before = time.stamp()
      time.refused(before)
      time.refused(before) // a second lane tells the same
      clock.advance(250)
      tries += 1
      expect(tries).toBeLessThan(39)
    }
    const stamp = time.stamp()
    time.accepted({ stamp, appendedAt: undefined, sentAt: clock.steady(), answeredAt: clock.steady() })
    clock.advance(60_000)
    expect(time.stamp()).toBe(stamp + 60_000)
    expect(Math.sign(time.aheadMs() ?? 0)).toBe(Math.sign(aheadMs))
  },
)
