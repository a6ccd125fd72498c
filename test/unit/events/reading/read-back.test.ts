import { expect, test } from 'vitest'
import type { EventLogReader } from '../../../../src/events/ports.ts'
import { findReadBack } from '../../../../src/events/reading/read-back.ts'

const MINUTE = 60_000

interface Stored {
  readonly timestamp: number
  readonly isProducerTime?: boolean
}

/** An event log in which some offsets hold no record. */
function reader(records: (Stored | undefined)[], low = 0): EventLogReader & { reads: bigint[] } {
  const reads: bigint[] = []
  const at = (offset: number) => ({ topic: 'events', partition: 0, offset: BigInt(offset), key: null, value: null, headers: {} })
  return {
    reads,
    async read(from) {
      reads.push(from)
      const found = records.flatMap((stored, offset) => (stored && offset >= from ? [{ ...at(offset), ...stored }] : []))
      return { records: found, next: BigInt(records.length) }
    },
    bounds: async () => ({ low: BigInt(low), high: BigInt(records.length) }),
    async offsetAt(time) {
      const offset = records.findIndex((stored) => stored !== undefined && stored.timestamp >= time)
      return BigInt(offset < 0 ? records.length : offset)
    },
    stop: async () => {},
  }
}

const eachMinute = (count: number): Stored[] => Array.from({ length: count }, (_, index) => ({ timestamp: index * MINUTE }))

test('reading begins one window before the last record', async () => {
  expect(await findReadBack(reader(eachMinute(30)), 10 * MINUTE)).toEqual({ from: 19n, end: 30n })
})

test('an empty event log is read from its end', async () => {
  expect(await findReadBack(reader([]), 10 * MINUTE)).toEqual({ from: 0n, end: 0n })
})

test.each([1, 2, 9, 100])('an event log that ends in %i offsets without a record is read back from the last record', async (count) => {
  const log = reader([...eachMinute(30), ...Array.from({ length: count }, () => undefined)])
  expect(await findReadBack(log, 10 * MINUTE)).toEqual({ from: 19n, end: BigInt(30 + count) })
  expect(log.reads.length).toBeLessThan(5)
})

test('an event log without any record, as after only an aborted transaction, is read from its beginning', async () => {
  expect(await findReadBack(reader([undefined, undefined, undefined]), MINUTE)).toEqual({ from: 0n, end: 3n })
})

test('a timestamp of a producer decides nothing', async () => {
  const log = reader([...eachMinute(30), { timestamp: 24 * 60 * MINUTE, isProducerTime: true }])
  expect(await findReadBack(log, 10 * MINUTE)).toEqual({ from: 19n, end: 31n })
})
