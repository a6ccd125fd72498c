import { expect, test } from 'vitest'
import type { Announcement } from '../../../../src/messages/announcement.ts'
import { Announced } from '../../../../src/peers/chain/announced.ts'
import { SAMPLES } from '../../../fixtures/announcements.ts'
import { createTestClock } from '../../../support/test-clock.ts'

test('a hash is announced once within the window, for each kind', () => {
  const clock = createTestClock()
  const announced = new Announced({ windowMs: 1000 }, { clock })
  const subtree: Announcement = { type: 'subtree', subtree: { ...SAMPLES.subtree.subtree, hash: SAMPLES.block.block.hash } }
  announced.add(SAMPLES.block)
  expect([announced.has(SAMPLES.block), announced.has(subtree)]).toEqual([true, false])
  clock.pass(1000)
  expect(announced.has(SAMPLES.block)).toBe(false)
})

test('a state may be announced again', () => {
  const announced = new Announced({ windowMs: 1000 }, { clock: createTestClock() })
  announced.add(SAMPLES['mining-on'])
  announced.add(SAMPLES['node-status'])
  expect([announced.has(SAMPLES['mining-on']), announced.has(SAMPLES['node-status'])]).toEqual([false, false])
})

test('what is remembered has a bound: the oldest goes', () => {
  const announced = new Announced({ windowMs: 1e9, maxHashes: 100 }, { clock: createTestClock() })
  const block = (height: number): Announcement => ({
    type: 'block',
    block: { ...SAMPLES.block.block, hash: height.toString(16).padStart(64, '0'), height },
  })
  for (let height = 1; height <= 101; height++) announced.add(block(height))
  expect([announced.has(block(1)), announced.has(block(50)), announced.has(block(101))]).toEqual([false, true, true])
})
