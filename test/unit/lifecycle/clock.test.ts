import { expect, test } from 'vitest'
import { SYSTEM_CLOCK } from '../../../src/lifecycle/clock.ts'
import { sleep } from '../../../src/lifecycle/time.ts'

test('each of the three clocks goes on', async () => {
  const before = { wall: SYSTEM_CLOCK.wall(), steady: SYSTEM_CLOCK.steady(), boot: SYSTEM_CLOCK.boot() }
  await sleep(50)
  expect(SYSTEM_CLOCK.steady() - before.steady).toBeGreaterThanOrEqual(49)
  expect(SYSTEM_CLOCK.boot() - before.boot).toBeGreaterThanOrEqual(30) // the kernel tells it in hundredths of a second
  expect(SYSTEM_CLOCK.wall()).toBeGreaterThanOrEqual(before.wall)
})
