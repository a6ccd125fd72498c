import { expect, test } from 'vitest'
import { type FollowOptions, type FollowReader, followTopic } from '../../../../src/cli/tail/follow-topic.ts'
import type { KafkaRecord } from '../../../../src/kafka/record.ts'

class GoneError extends Error {}

/** A partition in memory: offsets from `low` on, two records per answer, each with its offset as its time. */
function partition(number: number, low: bigint, high: bigint) {
  const at = (offset: bigint): KafkaRecord => ({
    topic: 't',
    partition: number,
    offset,
    key: null,
    value: null,
    headers: {},
    timestamp: Number(offset),
  })
  const state = { low, high }
  const reader: FollowReader = {
    bounds: async () => ({ ...state }),
    offsetAt: async (time) => BigInt(time),
    read: async (from) => {
      if (from < state.low || from > state.high) throw new GoneError()
      const records = [from, from + 1n].filter((offset) => offset < state.high).map(at)
      return { records, next: from + BigInt(records.length), high: state.high }
    },
  }
  return { state, reader }
}

async function follow(readers: readonly FollowReader[], options: Partial<FollowOptions>, onEach: (seen: string[]) => boolean = () => true) {
  const seen: string[] = []
  const gaps: string[] = []
  const ended = new AbortController()
  let now = 0
  await followTopic(
    { from: 'earliest', untilEnd: true, ...options },
    {
      readers: async () => [...readers],
      clock: {
        steady: () => {
          now += 1000
          return now
        },
      },
      onRecord: (record) => {
        seen.push(`${record.partition}:${record.offset}`)
        return onEach(seen)
      },
      onGap: (number, requested, next) => gaps.push(`${number}: ${requested} to ${next}`),
      isOutOfRange: (error) => error instanceof GoneError,
      signal: ended.signal,
    },
  )
  return { seen, gaps }
}

test('reads every partition to the end that it had at the start', async () => {
  const readers = [partition(0, 0n, 3n).reader, partition(1, 5n, 6n).reader]
  const { seen } = await follow(readers, {})
  expect(seen.toSorted()).toEqual(['0:0', '0:1', '0:2', '1:5'])
})

test('does not print later records', async () => {
  const { reader, state } = partition(0, 0n, 1n)
  const { seen } = await follow([reader], {}, () => {
    state.high = 10n
    return true
  })
  expect(seen).toEqual(['0:0'])
})

test.each<[FollowOptions['from'], string[]]>([
  ['latest', []],
  [{ offset: 4n }, ['0:4']],
  [{ offset: 0n }, ['0:3', '0:4']],
  [{ offset: 99n }, []],
  [{ time: 4 }, ['0:4']],
])('begins at %o', async (from, expected) => {
  expect((await follow([partition(0, 3n, 5n).reader], { from })).seen).toEqual(expected)
})

test('continues with new records until it is told to stop', async () => {
  const { reader, state } = partition(0, 0n, 1n)
  const { seen } = await follow([reader], { untilEnd: false }, (soFar) => {
    state.high = BigInt(soFar.length) + 1n
    return soFar.length < 5
  })
  expect(seen).toEqual(['0:0', '0:1', '0:2', '0:3', '0:4'])
})

test('reports an offset that the topic does not have, and begins at the nearest one', async () => {
  const { reader } = partition(0, 3n, 5n)
  expect((await follow([reader], { from: { offset: 1n } })).gaps).toEqual(['0: 1 to 3'])
  expect((await follow([reader], { from: { offset: 9n } })).gaps).toEqual(['0: 9 to 5'])
  expect((await follow([reader], { from: { offset: 5n } })).gaps).toEqual([])
})

test('added partitions are read from their beginning', async () => {
  const readers = [partition(0, 0n, 1n).reader]
  const { seen } = await follow(readers, { untilEnd: false, from: 'earliest' }, (soFar) => {
    if (soFar.length === 1) readers.push(partition(1, 0n, 2n).reader)
    return soFar.length < 3
  })
  expect(seen).toEqual(['0:0', '1:0', '1:1'])
})

test('reports records that retention has deleted meanwhile, and continues after them', async () => {
  const { reader, state } = partition(0, 0n, 8n)
  const { seen, gaps } = await follow([reader], {}, () => {
    state.low = 6n
    return true
  })
  expect(gaps).toEqual(['0: 2 to 6'])
  expect(seen).toEqual(['0:0', '0:1', '0:6', '0:7'])
})
