import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { RareLog } from '../../../src/lifecycle/rare-log.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function rareLog() {
  const said: unknown[] = []
  return { log: new RareLog({}, { say: (counts) => void said.push(counts) }), said }
}

test('the first is logged at once, the rest together after a second, by kind', () => {
  const { log, said } = rareLog()
  for (const kind of ['block', 'subtree', 'subtree', 'block']) log.count(kind)
  expect(said).toEqual([{ block: 1 }])
  vi.advanceTimersByTime(1000)
  expect(said).toEqual([{ block: 1 }, { subtree: 2, block: 1 }])
  log.stop()
})

test('however many events occur, one line a second is logged', () => {
  const { log, said } = rareLog()
  for (let ms = 0; ms < 10_000; ms++) {
    log.count('block')
    vi.advanceTimersByTime(1)
  }
  expect(said).toHaveLength(11)
  log.stop()
  expect(said.reduce<number>((sum, counts) => sum + (counts as { block: number }).block, 0)).toBe(10_000)
})

test('after a pause the first is logged at once again, and no timer is left', () => {
  const { log, said } = rareLog()
  log.count('block')
  vi.advanceTimersByTime(5000)
  expect(vi.getTimerCount()).toBe(0)
  log.count('block')
  expect(said).toHaveLength(2)
  log.count('subtree')
  log.stop()
  expect(said).toHaveLength(3)
  expect(vi.getTimerCount()).toBe(0)
})
