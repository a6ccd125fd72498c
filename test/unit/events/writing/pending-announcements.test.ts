import { expect, test } from 'vitest'
import { Ring } from '../../../../src/events/writing/pending-announcements.ts'
import type { OutgoingRecord } from '../../../../src/kafka/record.ts'

const record = (bytes = 10): OutgoingRecord => ({ key: 'k', value: Buffer.alloc(bytes), headers: {} })

function ring(options: Partial<{ maxEntries: number; maxBytes: number; maxAgeMs: number }> = {}) {
  const dropped: string[] = []
  const made = new Ring({ maxEntries: 100, maxBytes: 1e6, maxAgeMs: 60_000, ...options }, { onDropped: (entry) => dropped.push(entry.id) })
  return { ring: made, dropped }
}

test('beyond its count the oldest entry goes, and its caller hears of it', () => {
  const { ring: bounded, dropped } = ring({ maxEntries: 2 })
  for (const id of ['a', 'b', 'c']) bounded.add(id, record(), 0)
  expect(dropped).toEqual(['a'])
  expect([...bounded.entries()].map(({ id }) => id)).toEqual(['b', 'c'])
})

test('beyond its bytes the oldest entries go until it fits', () => {
  const { ring: bounded, dropped } = ring({ maxBytes: 3000 })
  for (const id of ['a', 'b', 'c']) bounded.add(id, record(1000), 0)
  expect(dropped).toEqual(['a'])
  expect(bounded.bytes).toBeLessThanOrEqual(3000)
})

test('an entry older than the age bound goes', () => {
  const { ring: bounded, dropped } = ring({ maxAgeMs: 1000 })
  bounded.add('old', record(), 0)
  bounded.add('young', record(), 900)
  bounded.advance(100, 1500)
  expect(dropped).toEqual(['old'])
})

test('a frozen process does not age its entries: ring time takes steps of at most 100 ms', () => {
  const { ring: made } = ring()
  made.add('a', record(), 0)
  made.advance(20_000, 20_000)
  const [entry] = made.entries()
  expect(entry && made.age(entry)).toBe(100)
})

test('ages start again at nothing when they are restarted', () => {
  const { ring: made } = ring()
  made.add('a', record(), 0)
  made.advance(80, 80)
  made.restartAges()
  made.advance(30, 110)
  const [entry] = made.entries()
  expect(entry && made.age(entry)).toBe(30)
})
