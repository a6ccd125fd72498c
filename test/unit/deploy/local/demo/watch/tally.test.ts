import { expect, test } from 'vitest'
import { Tally } from '../../../../../../deploy/local/demo/watch/tally.ts'

function tallyOf(latencies: number[]) {
  const tally = new Tally()
  for (const ms of latencies) tally.took(ms)
  const { p50, p99 } = tally.figures(0)
  return { p50, p99 }
}

test('knows no percentile before the first latency', () => {
  expect(tallyOf([])).toEqual({ p50: undefined, p99: undefined })
})

test('is exact for small latencies and close for large ones', () => {
  expect(tallyOf([3])).toEqual({ p50: 3, p99: 3 })
  expect(tallyOf(Array.from({ length: 100 }, (_, index) => index % 20))).toEqual({ p50: 9, p99: 19 })
  const { p50, p99 } = tallyOf([...Array<number>(98).fill(200), 5000, 5000])
  expect(p50).toBeGreaterThan(200 * 0.97)
  expect(p50).toBeLessThan(200 * 1.03)
  expect(p99).toBeGreaterThan(5000 * 0.97)
  expect(p99).toBeLessThan(5000 * 1.03)
})

test('takes an arrival before its cause as no time at all', () => {
  expect(tallyOf([-4])).toEqual({ p50: 0, p99: 0 })
})

test('gives the rate of the last five whole seconds', () => {
  const tally = new Tally()
  for (let ms = 0; ms < 20_000; ms += 100) tally.arrived(ms)
  expect(tally.figures(20_500)).toMatchObject({ count: 200, rate: 10 })
  expect(tally.figures(22_000).rate).toBe(6)
  expect(tally.figures(60_000).rate).toBe(0)
})
