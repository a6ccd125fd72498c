import { expect, test } from 'vitest'
import { Arrivals } from '../../../../src/gossip/connections/arrivals.ts'

test('each network has a rate, and a burst of one second', () => {
  let now = 0
  const arrivals = new Arrivals({ perSecond: 5 }, { now: () => now })
  const come = (network: string, times: number) => Array.from({ length: times }, () => arrivals.admit(network)).filter((is) => is).length
  expect([come('a', 10), come('b', 3)]).toEqual([5, 3])
  now = 200
  expect(come('a', 10)).toBe(1)
  now = 60_000
  expect(come('a', 10)).toBe(5)
})
