import { expect, test } from 'vitest'
import { RecentMap } from '../../../src/gossip/recent-map.ts'

test('keeps a value while it is touched, and forgets it when idle', () => {
  const map = new RecentMap<object>({ idleMs: 100, maxEntries: 10 })
  const first = map.touch('a', 0, () => ({}))
  expect(map.touch('a', 99, () => ({}))).toBe(first)
  expect(map.touch('a', 198, () => ({}))).toBe(first)
  expect(map.touch('a', 298, () => ({}))).not.toBe(first)
})

test('its size is the number of recently active keys', () => {
  const map = new RecentMap<number>({ idleMs: 100, maxEntries: 10 })
  map.touch('a', 0, () => 1)
  map.touch('b', 50, () => 2)
  expect(map.size).toBe(2)
  map.touch('c', 120, () => 3)
  expect(map.size).toBe(2)
})

test('drops the least recently touched entry beyond its bound', () => {
  const map = new RecentMap<number>({ idleMs: 1000, maxEntries: 2 })
  map.touch('a', 0, () => 1)
  map.touch('b', 1, () => 2)
  map.touch('a', 2, () => 9)
  map.touch('c', 3, () => 3)
  expect(map.size).toBe(2)
  expect(map.touch('a', 4, () => 7)).toBe(1)
  expect(map.touch('b', 5, () => 8)).toBe(8)
})
