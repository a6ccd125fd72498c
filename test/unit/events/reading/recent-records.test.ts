import { expect, test } from 'vitest'
import { RecentRecords } from '../../../../src/events/reading/recent-records.ts'
import type { KafkaRecord } from '../../../../src/kafka/record.ts'

const record = (offset: bigint, value: Buffer | null = null): KafkaRecord => {
  return { topic: 't', partition: 0, offset, key: null, value, headers: {}, timestamp: 0 }
}
const records = (...offsets: number[]) => offsets.map((offset) => record(BigInt(offset)))
const offsets = (found: readonly KafkaRecord[] | undefined) => found?.map(({ offset }) => Number(offset))

test('returns the passed records from an offset on, at most `count`', () => {
  const recent = new RecentRecords({ maxRecords: 10, maxBytes: 100_000 })
  recent.push(records(4, 5))
  recent.push(records(6, 7, 8))
  expect(offsets(recent.from(5n, 3))).toEqual([5, 6, 7])
  expect(offsets(recent.from(8n, 3))).toEqual([8])
})

test('knows nothing before the oldest and after the newest', () => {
  const recent = new RecentRecords({ maxRecords: 10, maxBytes: 100_000 })
  expect(recent.from(0n, 5)).toBeUndefined()
  recent.push(records(4, 5))
  expect([recent.from(3n, 5), recent.from(6n, 5)]).toEqual([undefined, undefined])
})

test('an offset without a record returns the next one', () => {
  const recent = new RecentRecords({ maxRecords: 10, maxBytes: 100_000 })
  recent.push(records(4, 9))
  expect(offsets(recent.from(6n, 5))).toEqual([9])
})

test('forgets the oldest records beyond its bounds in number and bytes', () => {
  const byNumber = new RecentRecords({ maxRecords: 2, maxBytes: 100_000 })
  byNumber.push(records(1, 2, 3))
  expect([offsets(byNumber.from(1n, 5)), offsets(byNumber.from(2n, 5))]).toEqual([undefined, [2, 3]])
  const byBytes = new RecentRecords({ maxRecords: 10, maxBytes: 10_000 })
  byBytes.push([record(1n, Buffer.alloc(6000)), record(2n, Buffer.alloc(6000))])
  expect([offsets(byBytes.from(1n, 5)), offsets(byBytes.from(2n, 5))]).toEqual([undefined, [2]])
  byBytes.push([record(3n, Buffer.alloc(20_000))])
  expect(byBytes.from(3n, 5)).toBeUndefined()
})

test('forgets everything when the event log continues elsewhere', () => {
  const recent = new RecentRecords({ maxRecords: 10, maxBytes: 100_000 })
  recent.push(records(1, 2))
  recent.restart()
  expect(recent.from(1n, 5)).toBeUndefined()
  recent.push(records(7))
  expect(recent.from(2n, 5)).toBeUndefined()
  expect(offsets(recent.from(7n, 5))).toEqual([7])
})
