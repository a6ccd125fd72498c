import { expect, test } from 'vitest'
import { isState, sourceOf, stateOrder, stateOrderOf, withSource, withStateOrder } from '../../../../src/events/entries/occurrence.ts'

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

test('an own event names its record in a header, and others do not', () => {
  const record = { headers: { type: 'block' } }
  const at = { topic: 'p2p-notifications', partition: 2, offset: 2n ** 62n, timestamp: NOW }
  expect(withSource(record, at).headers).toEqual({ type: 'block', source: 'p2p-notifications:2:4611686018427387904' })
  expect(sourceOf(withSource(record, at).headers)).toEqual({ topic: at.topic, partition: 2, offset: at.offset })
  expect(withSource(record, { sequenceNumber: 7n })).toBe(record)
  for (const source of ['', 'a', 'a:1', 'a:b:1', 'a:1:-1', 'a b:1:1', `a:1:${'9'.repeat(40)}`]) expect(sourceOf({ source })).toBeUndefined()
})
