import { expect, test } from 'vitest'
import type { KafkaRecord } from '../../../src/kafka/record.ts'
import { clockWatch } from '../../../src/lifecycle/clock-watch.ts'

const MINUTE = 60_000

function watch() {
  const heard = { counted: [] as string[], warned: [] as [offset: bigint, aheadMs: number, records: number][] }
  const clock = { time: 1_000_000 }
  const look = clockWatch(
    {},
    {
      count: (topic) => heard.counted.push(topic),
      warn: ({ record, aheadMs, records }) => heard.warned.push([record.offset, aheadMs, records]),
      now: () => clock.time,
    },
  )
  const record = (offset: bigint, aheadMs: number): KafkaRecord => ({
    topic: 'log',
    partition: 0,
    offset,
    key: null,
    value: null,
    headers: {},
    timestamp: clock.time + aheadMs,
  })
  return { heard, clock, see: (offset: bigint, aheadMs: number) => look(record(offset, aheadMs)) }
}

test('a timestamp up to a minute ahead, or in the past, is nothing', () => {
  const { heard, see } = watch()
  see(0n, MINUTE)
  see(1n, -5 * MINUTE)
  expect(heard).toEqual({ counted: [], warned: [] })
})

test('each one beyond is counted, and said once a minute with how many there were', () => {
  const { heard, clock, see } = watch()
  see(0n, MINUTE + 1)
  see(1n, 5 * MINUTE)
  clock.time += MINUTE - 1
  see(2n, 5 * MINUTE)
  expect(heard.warned).toEqual([[0n, MINUTE + 1, 1]])
  clock.time += 1
  see(3n, 5 * MINUTE)
  expect(heard.warned.slice(1)).toEqual([[3n, 5 * MINUTE, 3]])
  expect(heard.counted).toHaveLength(4)
})

test('it is said again although the own clock was set back', () => {
  const { heard, clock, see } = watch()
  see(0n, 2 * MINUTE)
  clock.time -= 10 * MINUTE
  see(1n, 12 * MINUTE)
  expect(heard.warned.map(([offset]) => offset)).toEqual([0n, 1n])
})
