import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { GROWTH_PERCENT } from '../../../src/lifecycle/heap-growth.ts'

test('this Node knows the flag of V8', () => {
  const { status, stderr } = spawnSync(process.execPath, [`--heap-growing-percent=${GROWTH_PERCENT}`, '-e', ''], { encoding: 'utf8' })
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
})
