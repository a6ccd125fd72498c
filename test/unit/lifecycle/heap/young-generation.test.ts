import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { YOUNG_MB, YoungGeneration } from '../../../../src/lifecycle/heap/young-generation.ts'

const { calm, busy } = YOUNG_MB

/** The factors that were set, from collections each as time and size. */
function factors(...collections: (readonly [at: number, sizeMb: number])[]): number[] {
  const chosen: number[] = []
  const young = new YoungGeneration((factor) => chosen.push(factor))
  for (const [at, sizeMb] of collections) young.collected(at, sizeMb)
  return chosen
}

const seconds = (from: number, to: number, sizeMb: number) =>
  Array.from({ length: (to - from) * 2 + 1 }, (_, half) => [(from + half / 2) * 1000, sizeMb] as const)

test('it grows to the size for calm and no further', () => {
  expect(factors([1000, 1], [2500, 4], [4000, calm], [9000, calm])).toEqual([1])
})

test('a start of some seconds does not make it larger', () => {
  expect(factors(...seconds(1, 5, calm))).toEqual([1])
})

test('it may grow once collections have followed each other closely, up to the size for load', () => {
  expect(factors(...seconds(1, 6, calm), [6500, busy / 2], [7000, busy], [7500, busy])).toEqual([1, 2, 1])
})

test('the rule for calm comes back when collections are rare, also after V8 has made it smaller', () => {
  const load = seconds(1, 6, calm)
  expect(factors(...load, [7000, busy], [18_000, calm / 2], [29_000, calm])).toEqual([1, 2, 1, 2, 1])
})

test('collections that are neither close nor rare change nothing', () => {
  expect(factors(...seconds(1, 6, calm), [10_000, busy / 2], [15_000, busy / 2])).toEqual([1, 2])
})

/** Fills the young generation with objects that live for a while, first with a factor of 1 and then of 2, and prints its size after each. */
const FILLING = `
  const v8 = require('node:v8')
  const kept = []
  function fill() {
    for (let n = 0; n < 3_000_000; n++) kept[n % 200_000] = { n, text: 'x' + n }
    return v8.getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space').space_size / 2 ** 20
  }
  const sizes = [1, 2].map((factor) => {
    v8.setFlagsFromString('--semi-space-growth-factor=' + factor)
    return fill()
  })
  console.log(JSON.stringify(sizes))
`

test('V8 of this Node takes the factor while it runs', () => {
  const { stdout, stderr } = spawnSync(process.execPath, ['-e', FILLING], { encoding: 'utf8', timeout: 60_000 })
  expect(stderr).toBe('')
  const [held, grown] = JSON.parse(stdout)
  expect(held).toBeLessThanOrEqual(calm)
  expect(grown).toBeGreaterThan(calm)
})
