import { expect, test } from 'vitest'
import { lastAndHighest, latenciesOf, ratesOf } from '../../../src/dashboard/page/charts/columns.js'
import { LatencyMeter } from '../../../src/dashboard/page/data/latency-meter.js'
import { RateMeter } from '../../../src/dashboard/page/data/rate-meter.js'

const START = 1_767_225_600_000

function startedMeter() {
  const meter = new RateMeter()
  meter.start(START)
  return meter
}

test('rates begin with the page: no silence before it, no bucket that is not full', () => {
  const meter = startedMeter()
  meter.add(START - 1)
  expect(meter.total).toBe(0)
  expect(meter.series(START + 4999)).toEqual([])
  for (let ms = 0; ms < 10_000; ms += 1000) meter.add(START + ms)
  expect(meter.perMinute(START + 9999)).toBe(null)
  expect(meter.series(START + 10_000)).toEqual([5, 5])
  expect(meter.perMinute(START + 10_000)).toBe(60)
})

test('the bucket in which the page began is not full, so it does not count, at any moment', () => {
  const meter = new RateMeter()
  meter.start(START + 4000)
  meter.add(START + 4500)
  meter.add(START + 5500)
  for (const ms of [15_000, 18_999, 19_001, 19_999]) expect(meter.series(START + ms)).toEqual([1, 0])
})

test('an hour is kept, a tile shows five minutes of it, and a long silence is silence', () => {
  const meter = startedMeter()
  for (let bucket = 0; bucket < 2000; bucket++) meter.add(START + bucket * 5000)
  const now = START + 2000 * 5000
  expect(meter.series(now)).toEqual(Array.from({ length: 59 }, () => 1))
  expect(meter.series(now, 10_000)).toHaveLength(720)
  const later = now + 3 * 3_600_000
  expect(meter.series(later, 720).every((value) => value === 0)).toBe(true)
  meter.add(later - 2 * 3_600_000) // too old for any bucket
  expect(meter.series(later, 720).every((value) => value === 0)).toBe(true)
})

test('latency: the median and the slowest of each five seconds, null where nothing came, and bounded', () => {
  const meter = new LatencyMeter()
  for (const ms of [10, 30, 20, -5, Number.NaN]) meter.add(START, ms)
  meter.add(START + 10_000, 7)
  expect(meter.series(START + 15_000, 4)).toEqual({ median: [null, 20, null, 7], highest: [null, 30, null, 7] })
  for (let bucket = 0; bucket < 5000; bucket++) meter.add(START + bucket * 5000, 1)
  expect(meter.series(START + 5000 * 5000, 2000).median.filter((value) => value !== null)).toHaveLength(720)
})

test('columns of a chart are of one length, in seconds and per second', () => {
  const meters = new Map([
    ['block', startedMeter()],
    ['subtree', startedMeter()],
  ])
  for (let count = 0; count < 10; count++) meters.get('block')?.add(START + 5000)
  const now = START + 10_500
  expect(ratesOf(meters, { types: ['block', 'subtree'], now, most: 60 })).toEqual([
    [START / 1000, START / 1000 + 5],
    [0, 2],
    [0, 0],
  ])
  const latencies = { toLog: new LatencyMeter(), toPage: new LatencyMeter() }
  expect(latenciesOf(latencies, { now, length: 2 }).map((column) => column.length)).toEqual([2, 2, 2, 2])
  expect(lastAndHighest([1, 5, 2, null])).toEqual({ last: 2, highest: 5 })
  expect(lastAndHighest([null])).toBe(null)
})
