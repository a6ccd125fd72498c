import { expect, test } from 'vitest'
import { BatchPace } from '../../../../src/events/writing/batch-pace.ts'

function pace() {
  const clock = { now: 1000 }
  return { clock, made: new BatchPace({ clock: { steady: () => clock.now } }) }
}

test('a single record is never delayed', () => {
  const { clock, made } = pace()
  expect(made.waitMs()).toBe(0)
  made.begun(3)
  clock.now += 1
  expect(made.waitMs()).toBe(0)
})

test('after a large batch the next one begins four milliseconds later, or at once when that time is over', () => {
  const { clock, made } = pace()
  made.begun(4)
  clock.now += 1
  expect(made.waitMs()).toBe(3)
  clock.now += 3
  expect(made.waitMs()).toBe(0)
  made.begun(1)
  expect(made.waitMs()).toBe(0)
})

test.each([
  [8, 4],
  [16, 8],
  [500, 12],
])('after %i records the next batch begins %i ms later, so that a flood takes fewer and larger requests', (records, apartMs) => {
  const { made } = pace()
  made.begun(records)
  expect(made.waitMs()).toBe(apartMs)
})
