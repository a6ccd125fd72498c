import { expect, test } from 'vitest'
import { TailPosition } from '../../../../src/kafka/reader/tail-position.ts'
import type { KafkaRecord } from '../../../../src/kafka/record.ts'

/** A topic whose oldest and end offsets can be moved; a time finds the offset of the same number. */
function topic(low: bigint, high: bigint) {
  const bounds = { low, high }
  const offsetAt = async (_: number, time: number) =>
    time === -2 ? bounds.low : time === -1 ? bounds.high : time < Number(bounds.high) ? BigInt(time) : -1n
  return { bounds, position: new TailPosition({ offsetAt, failed: () => {} }) }
}

const record = (offset: bigint, timestamp: number, key: string): KafkaRecord => ({
  topic: 't',
  partition: 0,
  offset,
  key: Buffer.from(key),
  value: null,
  headers: {},
  timestamp,
})

test.each([
  ['earliest' as const, 5n],
  ['latest' as const, 9n],
  [7n, 7n],
  [{ time: 6 }, 6n],
  [{ time: 99 }, 9n],
])('%o starts at %s', async (from, next) => {
  const { position } = topic(5n, 9n)
  await position.locate(from)
  expect(position.next).toBe(next)
})

test.each([
  ['below the oldest', { low: 5n, high: 9n }, 2n, 'expired', 5n],
  ['beyond the end of a topic that begins at 0', { low: 0n, high: 9n }, 20n, 'topic-made-anew', 0n],
  ['beyond the end of an older topic', { low: 5n, high: 9n }, 20n, 'truncated', 9n],
  ['inside', { low: 5n, high: 9n }, 9n, undefined, 9n],
])('an offset %s', async (_, { low, high }, requested, reason, next) => {
  const { position } = topic(low, high)
  position.seek(requested)
  expect(await position.reset(requested)).toBe(reason)
  expect(position.next).toBe(next)
})

test('a seek that came in between is not overridden', async () => {
  const { position } = topic(5n, 9n)
  position.seek(8n)
  expect(await position.reset(2n)).toBeUndefined()
  expect(position.next).toBe(8n)
})

test.each([
  ['the same record', record(3n, 100, 'k'), true],
  ['another time', record(3n, 101, 'k'), false],
  ['another key', record(3n, 100, 'x'), false],
  ['a later record, the old one compacted away', record(4n, 200, 'x'), true],
  ['nothing', undefined, true],
])('with %s at the last offset', async (_, found, isSame) => {
  const { position } = topic(0n, 9n)
  position.advance(4n, record(3n, 100, 'k'))
  expect(await position.isSameTopic(async () => found)).toBe(isSame)
})
