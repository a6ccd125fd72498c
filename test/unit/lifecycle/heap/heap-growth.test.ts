import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { GROWTH_PERCENT, HeapGrowth } from '../../../../src/lifecycle/heap/heap-growth.ts'

test('this Node knows the flag of V8', () => {
  const { status, stderr } = spawnSync(process.execPath, [`--heap-growing-percent=${GROWTH_PERCENT.calm}`, '-e', ''], { encoding: 'utf8' })
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
})

test('the heap may grow more while collections follow each other closely, until they are rare again', () => {
  const chosen: number[] = []
  const growth = new HeapGrowth((percent) => chosen.push(percent))
  for (const at of [1000, 11_000, 13_000, 20_000]) growth.collected(at) // two beside each other
  expect(chosen).toEqual([30])
  for (const at of [22_000, 23_000]) growth.collected(at)
  expect(chosen).toEqual([30, 100])
  for (const at of [30_000, 39_000]) growth.collected(at) // neither close nor rare
  expect(chosen).toEqual([30, 100])
  growth.collected(52_000)
  expect(chosen).toEqual([30, 100, 30])
})
