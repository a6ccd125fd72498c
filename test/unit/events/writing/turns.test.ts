import { expect, test } from 'vitest'
import { PendingAnnouncements } from '../../../../src/events/writing/pending-announcements.ts'
import { Turns } from '../../../../src/events/writing/turns.ts'

function turns({ rank = 1 } = {}) {
  const pending = new PendingAnnouncements({ maxEntries: 100, maxBytes: 1e6, maxAgeMs: 60_000 }, { onDropped: () => {} })
  const state = { isPrimary: false }
  const made = new Turns({ pending, isPrimary: () => state.isPrimary, rank: () => rank })
  const add = (id: string) => pending.add(id, { key: id, value: null, headers: {} }, 0)
  const wait = (ms: number) => {
    for (let passed = 0; passed < ms; passed += 50) pending.advance(50, 0)
  }
  const due = () => made.due(made.isPrimary(), 100).map(({ id }) => id)
  return { made, state, add, wait, due }
}

test('an instance that is not the primary writes after one turn of 500 ms per rank', () => {
  const { add, wait, due } = turns({ rank: 3 })
  add('a')
  wait(1450)
  expect(due()).toEqual([])
  wait(50)
  expect(due()).toEqual(['a'])
})

test('the primary writes new announcements at once, and in its turn those that it received before it was the primary', () => {
  const { state, add, wait, due } = turns()
  add('before')
  wait(400)
  state.isPrimary = true
  expect(due()).toEqual([])
  add('after')
  expect(due()).toEqual(['after'])
  wait(450)
  expect(due()).toEqual(['after'])
  wait(50)
  expect(due()).toEqual(['before', 'after'])
})

test('no more announcements are due than the limit, the oldest first', () => {
  const { made, state, add } = turns()
  state.isPrimary = true
  made.isPrimary()
  for (const id of ['a', 'b', 'c']) add(id)
  expect(made.due(true, 2).map(({ id }) => id)).toEqual(['a', 'b'])
})
