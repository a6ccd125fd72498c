import { expect, test } from 'vitest'
import { BatchPace } from '../../../../src/events/writing/batch-pace.ts'

function pace() {
  const clock = { now: 1000 }
  return { clock, made: new BatchPace({ clock: { steady: () => clock.now } }) }
}

test('a record that comes alone is never held up', () => {
  const { clock, made } = pace()
  expect(made.waitMs()).toBe(0)
  made.begun(3)
  clock.now += 1
  expect(made.waitMs()).toBe(0)
})

test('after a batch of many the next one begins four milliseconds later, and at once when it comes later by itself', () => {
  const { clock, made } = pace()
  made.begun(4)
  clock.now += 1
  expect(made.waitMs()).toBe(3)
  clock.now += 3
  expect(made.waitMs()).toBe(0)
  made.begun(1)
  expect(made.waitMs()).toBe(0)
})
