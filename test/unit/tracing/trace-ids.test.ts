import { expect, test } from 'vitest'
import { createSpanIds, isSampled, traceIdOf } from '../../../src/tracing/trace-ids.ts'

const EVENT_ID = '0af7651916cd43dd8448eb211c80319c'

test('an event id is its own trace id; from any other text one is derived, always the same', () => {
  expect(traceIdOf(EVENT_ID)).toBe(EVENT_ID)
  expect(traceIdOf('blocks:0:17')).toMatch(/^[0-9a-f]{32}$/)
  expect(traceIdOf('blocks:0:17')).toBe(traceIdOf('blocks:0:17'))
  expect(traceIdOf('0'.repeat(32))).not.toBe('0'.repeat(32)) // no trace may have that id
})

test('span ids differ', () => {
  const next = createSpanIds()
  const ids = Array.from({ length: 1000 }, next)
  expect(new Set(ids).size).toBe(1000)
  expect(ids.every((id) => /^[0-9a-f]{16}$/.test(id))).toBe(true)
})

test('the share that is sampled follows from the ids alone', () => {
  const ids = Array.from({ length: 2000 }, (_, index) => traceIdOf(`record ${index}`))
  const sampled = ids.filter((id) => isSampled(id, 0.25)).length
  expect(sampled / ids.length).toBeGreaterThan(0.2)
  expect(sampled / ids.length).toBeLessThan(0.3)
  expect(ids.every((id) => isSampled(id, 1))).toBe(true)
  expect(ids.some((id) => isSampled(id, 0))).toBe(false)
})
