import { expect, test } from 'vitest'
import { createClockWatch } from '../../../src/lifecycle/clock-watch.ts'

const MINUTE = 60_000

function watch() {
  const heard = { counted: [] as string[], logged: [] as [offset: string, aheadSeconds: number, records: number][] }
  const time = { wall: 1_000_000, steady: 0 }
  const look = createClockWatch({
    count: (topic) => heard.counted.push(topic),
    log: { warn: ({ offset, aheadSeconds, records }: Said) => heard.logged.push([offset, aheadSeconds, records]) } as never,
    clock: { wall: () => time.wall, steady: () => time.steady },
  })
  const see = (offset: bigint, aheadMs: number) => look({ topic: 'events', partition: 0, offset, timestamp: time.wall + aheadMs })
  const pass = (ms: number) => {
    time.wall += ms
    time.steady += ms
  }
  return { heard, time, see, pass }
}

interface Said {
  readonly offset: string
  readonly aheadSeconds: number
  readonly records: number
}

test('a timestamp up to a minute ahead, or in the past, is ignored', () => {
  const { heard, see } = watch()
  see(0n, MINUTE)
  see(1n, -5 * MINUTE)
  expect(heard).toEqual({ counted: [], logged: [] })
})

test('each later timestamp is counted, and logged once a minute with their number', () => {
  const { heard, see, pass } = watch()
  see(0n, 2 * MINUTE)
  see(1n, 5 * MINUTE)
  pass(MINUTE - 1)
  see(2n, 5 * MINUTE)
  expect(heard.logged).toEqual([['0', 120, 1]])
  pass(1)
  see(3n, 5 * MINUTE)
  expect(heard.logged.slice(1)).toEqual([['3', 300, 3]])
  expect(heard.counted).toHaveLength(4)
})

test('a step of our own clock does not change how often it is logged', () => {
  const { heard, see, time } = watch()
  see(0n, 2 * MINUTE)
  time.wall += 60 * MINUTE
  see(1n, 2 * MINUTE)
  expect(heard.logged).toHaveLength(1)
})
