import { expect, test } from 'vitest'
import { createBootClock, SYSTEM_CLOCK } from '../../../src/lifecycle/clock.ts'
import { sleep } from '../../../src/lifecycle/time.ts'
import { createTestClock } from '../../support/test-clock.ts'

test('each of the three clocks advances', async () => {
  const before = { wall: SYSTEM_CLOCK.wall(), steady: SYSTEM_CLOCK.steady(), boot: SYSTEM_CLOCK.boot() }
  await sleep(50)
  expect(SYSTEM_CLOCK.steady() - before.steady).toBeGreaterThanOrEqual(49)
  expect(SYSTEM_CLOCK.boot() - before.boot).toBeGreaterThanOrEqual(30) // the kernel tells it in hundredths of a second
  expect(SYSTEM_CLOCK.wall()).toBeGreaterThanOrEqual(before.wall)
})

function setUp() {
  const clock = createTestClock()
  let readings = 0
  const boot = createBootClock({
    ...clock,
    uptimeMs: () => {
      readings += 1
      return clock.boot()
    },
  })
  return { clock, boot, readings: () => readings }
}

test('the boot clock is read once a second, and advances between the readings', () => {
  const { clock, boot, readings } = setUp()
  const first = boot()
  for (let ms = 0; ms < 2000; ms += 10) {
    clock.pass(10)
    expect(boot() - first).toBe(ms + 10)
  }
  expect(readings()).toBe(3)
})

test('the boot clock counts a suspend at once, however short the time since the last reading', () => {
  const { clock, boot } = setUp()
  const first = boot()
  clock.suspend(3_600_000)
  expect(boot() - first).toBe(3_600_000)
})

test.each([3_600_000, -3_600_000])('the boot clock ignores a step of the wall clock by %d ms', (stepMs) => {
  const { clock, boot } = setUp()
  const first = boot()
  clock.stepWall(stepMs)
  clock.pass(5)
  expect(boot() - first).toBe(5)
})
