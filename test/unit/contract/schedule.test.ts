import { expect, test } from 'vitest'
import { readOptions } from '../../contract/chaos/options.ts'
import { shuffled } from '../../contract/chaos/schedule.ts'
import { ALL_FAULTS, faultNamed } from '../../contract/faults/all-faults.ts'

const names = ALL_FAULTS.map(({ name }) => name)

test('the same seed gives the same schedule, another seed or round another one', () => {
  expect(shuffled(names, '1', 1)).toEqual(shuffled([...names].reverse(), '1', 1))
  expect(shuffled(names, '1', 1)).not.toEqual(shuffled(names, '2', 1))
  expect(shuffled(names, '1', 1)).not.toEqual(shuffled(names, '1', 2))
})

test('every fault occurs once in a round', () => {
  expect(shuffled(names, 'any', 3).sort()).toEqual([...names].sort())
  expect(new Set(names).size).toBe(names.length)
})

test('a fault is found by its name, and a wrong name is answered with the existing ones', () => {
  expect(faultNamed('SIGKILL of the primary').bar.derivedPauseMs).toBe(8000)
  expect(() => faultNamed('SIGKILL of everybody')).toThrow(/there are:\n {2}SIGKILL of the leader's broker/)
})

test('options have defaults, and a nonsense number of minutes is refused', () => {
  const deps = { randomSeed: () => 'random' }
  expect(readOptions([], deps)).toMatchObject({ minutes: 5, seed: 'random', only: [] })
  expect(readOptions(['--minutes', '20', '--seed', '1'], deps)).toMatchObject({ minutes: 20, seed: '1' })
  expect(() => readOptions(['--minutes', 'ten'], deps)).toThrow('--minutes takes a number above 0')
})
