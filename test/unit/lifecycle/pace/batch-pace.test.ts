import { expect, test } from 'vitest'
import { BatchPace, RELAXED_APART_MS } from '../../../../src/lifecycle/pace/batch-pace.ts'

function pace(apartMs?: number) {
  const clock = { now: 1000 }
  return { clock, made: new BatchPace({ apartMs }, { clock: { steady: () => clock.now } }) }
}

test('single records that come rarely are never delayed', () => {
  const { clock, made } = pace()
  expect(made.waitMs()).toBe(0)
  for (let batch = 0; batch < 5; batch++) {
    made.begun(1)
    expect(made.waitMs()).toBe(0)
    clock.now += 4
  }
})

test('after a batch of several records the next one begins four milliseconds later, or at once when that time is over', () => {
  const { clock, made } = pace()
  made.begun(2)
  clock.now += 1
  expect(made.waitMs()).toBe(3)
  clock.now += 3
  expect(made.waitMs()).toBe(0)
  clock.now += 4
  made.begun(1)
  expect(made.waitMs()).toBe(0)
})

test('single records that follow each other closely get a pace too, until they are rare again', () => {
  const { clock, made } = pace()
  made.begun(1)
  clock.now += 2
  made.begun(1)
  expect(made.waitMs()).toBe(4)
  clock.now += 4
  made.begun(1)
  expect(made.waitMs()).toBe(4)
  clock.now += 8
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

test('where nobody waits for milliseconds, batches under load begin further apart; a single record is still not delayed', () => {
  const { clock, made } = pace(RELAXED_APART_MS)
  made.begun(1)
  clock.now += 4
  made.begun(1)
  expect(made.waitMs()).toBe(0)
  clock.now += 3
  made.begun(1)
  expect(made.waitMs()).toBe(8)
  clock.now += 15
  made.begun(1)
  expect(made.waitMs()).toBe(8)
  clock.now += 16
  made.begun(1)
  expect(made.waitMs()).toBe(0)
})
