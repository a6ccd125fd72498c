import { expect, test } from 'vitest'
import { dropOldest } from '../../../../src/lifecycle/bounds/drop-oldest.ts'

function filled(count: number): Map<number, string> {
  return new Map(Array.from({ length: count }, (_, index) => [index, `${index}`]))
}

test('within its bound a map keeps everything', () => {
  const map = filled(32)
  dropOldest(map, 32)
  expect(map.size).toBe(32)
})

test('beyond its bound the oldest sixteenth goes, and the newest entry stays', () => {
  const map = filled(33)
  dropOldest(map, 32)
  expect([...map.keys()]).toEqual(Array.from({ length: 30 }, (_, index) => index + 3))
})

test.each([0, 1, 2, 15])('a bound of %i holds', (max) => {
  const set = new Set<string>()
  for (let index = 0; index < 50; index++) {
    set.add(`${index}`)
    dropOldest(set, max)
    expect(set.size).toBe(Math.min(index + 1, max))
  }
})

test('an entry that is added again is young', () => {
  const set = new Set(['a', 'b', 'c'])
  set.delete('a')
  set.add('a')
  dropOldest(set, 2)
  expect([...set]).toEqual(['c', 'a'])
})

test('a full map looks at few deleted entries for each one added', () => {
  const map = filled(1600)
  let looks = 0
  const counted = {
    get size() {
      return map.size
    },
    delete: (key: number) => map.delete(key),
    keys() {
      looks += 1
      return map.keys()
    },
  }
  for (let index = 1600; index < 4800; index++) {
    map.set(index, '')
    dropOldest(counted, 1600)
  }
  expect(map.size).toBeLessThanOrEqual(1600)
  expect(looks).toBeLessThan(40)
})
