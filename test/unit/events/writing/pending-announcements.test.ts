import { expect, test } from 'vitest'
import { PendingAnnouncements } from '../../../../src/events/writing/pending-announcements.ts'
import type { OutgoingRecord } from '../../../../src/kafka/record.ts'

const record = (bytes = 10): OutgoingRecord => ({ key: 'k', value: Buffer.alloc(bytes), headers: {} })

function pending(options: Partial<{ maxEntries: number; maxBytes: number; maxAgeMs: number }> = {}) {
  const dropped: string[] = []
  const made = new PendingAnnouncements(
    { maxEntries: 100, maxBytes: 1e6, maxAgeMs: 60_000, ...options },
    { onDropped: (entry) => dropped.push(entry.id) },
  )
  return { made, dropped }
}

test('beyond the bound in count the oldest is dropped, and the caller is told', () => {
  const { made: bounded, dropped } = pending({ maxEntries: 2 })
  for (const id of ['a', 'b', 'c']) bounded.add(id, record(), 0)
  expect(dropped).toEqual(['a'])
  expect([...bounded.entries()].map(({ id }) => id)).toEqual(['b', 'c'])
})

test('beyond the bound in bytes the oldest are dropped until the rest fits', () => {
  const { made: bounded, dropped } = pending({ maxBytes: 3000 })
  for (const id of ['a', 'b', 'c']) bounded.add(id, record(1000), 0)
  expect(dropped).toEqual(['a'])
  expect(bounded.bytes).toBeLessThanOrEqual(3000)
})

test('an announcement older than the age bound is dropped', () => {
  const { made: bounded, dropped } = pending({ maxAgeMs: 1000 })
  bounded.add('old', record(), 0)
  bounded.add('young', record(), 900)
  bounded.advance(100, 1500)
  expect(dropped).toEqual(['old'])
})

test('a freeze ages nothing: waiting time takes steps of at most 100 ms', () => {
  const { made } = pending()
  made.add('a', record(), 0)
  made.advance(20_000, 20_000)
  const [entry] = made.entries()
  expect(entry && made.age(entry)).toBe(100)
})

test('ages start at 0 again when they are restarted', () => {
  const { made } = pending()
  made.add('a', record(), 0)
  made.advance(80, 80)
  made.restartAges()
  made.advance(30, 110)
  const [entry] = made.entries()
  expect(entry && made.age(entry)).toBe(30)
})
