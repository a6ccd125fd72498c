import { expect, onTestFinished, test } from 'vitest'
import { createFreezeWatch } from '../../../../src/kafka/client/freeze-watch.ts'

test('a pause of this process is noticed at once and remembered for a while', () => {
  let now = 0
  const watch = createFreezeWatch(() => now)
  onTestFinished(() => watch.stop())
  now = 100
  expect(watch.wasFrozen()).toBe(false)
  now = 1300 // no timer has run for 1.2 s
  expect(watch.wasFrozen()).toBe(true)
  now = 2200
  expect(watch.wasFrozen()).toBe(true)
  now = 3200
  watch.wasFrozen()
  now = 4300
  expect(watch.wasFrozen()).toBe(false)
})
