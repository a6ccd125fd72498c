import { expect, test } from 'vitest'
import { isState, stateOrder, stateOrderOf, withStateOrder } from '../../../../src/events/entries/occurrence.ts'

const NOW = Date.parse('2026-11-29T12:00:00Z')
const nanoseconds = (ms: number) => BigInt(ms) * 1_000_000n

test.each<[string, bigint, boolean]>([
  ['the start of a process, and what it counted since', nanoseconds(NOW - 86_400_000) + 12_345n, true],
  ['a clock that is a little ahead', nanoseconds(NOW + 60_000), true],
  ['a clock that is far ahead', nanoseconds(NOW + 86_400_000), false],
  ['a small counter', 7n, false],
  ['a random number', 2n ** 63n + 5n, false],
])('a sequence number that is %s gives an order: %s, %s', (_what, sequenceNumber, isOrdered) => {
  expect(stateOrder({ sequenceNumber }, NOW)).toBe(isOrdered ? sequenceNumber : undefined)
})

test('the order is stored in a header, and any other text there gives no order', () => {
  const record = { headers: { type: 'mining-on' } }
  expect(stateOrderOf(withStateOrder(record, 12n).headers)).toBe(12n)
  expect(withStateOrder(record, undefined)).toBe(record)
  for (const sequence of ['', '-1', '1.5', 'x', '9'.repeat(40)]) expect(stateOrderOf({ sequence })).toBeUndefined()
})

test('the block that a node mines on and what it says of itself are states, and no other kind is', () => {
  const types = ['block', 'subtree', 'mining-on', 'rejected-tx', 'node-status', 'sync', 'ban', 'instance'] as const
  expect(types.filter(isState)).toEqual(['mining-on', 'node-status'])
})
