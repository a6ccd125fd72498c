import { expect, test } from 'vitest'
import { type FollowOptions, type FollowReader, followTopic } from '../../../../src/cli/tail/follow-topic.ts'
import type { CursorAnswer } from '../../../../src/kafka/reader/partition-cursor.ts'
import type { PositionMove } from '../../../../src/kafka/reader/partition-position.ts'
import type { KafkaRecord } from '../../../../src/kafka/record.ts'

class GoneError extends Error {}

/**
 * A partition in memory: offsets from `low` on, two records per answer, each with its offset as its time. `stable` is the last stable
 * offset, if a transaction is open. A new `id` stands for another topic of the same name.
 */
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
  const state = { low, high, stable: undefined as bigint | undefined, id: 1, isGone: false }
  const stable = () => state.stable ?? state.high
  const reader: FollowReader = {
    bounds: async () => ({ low: state.low, high: stable() }),
    offsetAt: async (time) => BigInt(time),
    follow: (from) => new MemoryCursor(from),
  }
  class MemoryCursor {
    next: bigint
    #id = state.id

    constructor(from: bigint) {
      this.next = from
    }

    async readOn(): Promise<CursorAnswer> {
      if (state.isGone) throw new GoneError()
      if (this.#id !== state.id) {
        this.#id = state.id
        return this.#move('topic-made-anew', state.low)
      }
      if (this.next < state.low) return this.#move('expired', state.low)
      if (this.next > state.high) return this.#move('truncated', state.high)
      const records = [this.next, this.next + 1n].filter((offset) => offset < stable()).map(at)
      this.next += BigInt(records.length)
      const ends = { nextOffset: this.next, lastStableOffset: stable(), highWatermark: state.high, logStartOffset: state.low }
      const head = { topic: 't', partition: number, errorCode: 0, firstLeaderEpoch: 0, lastLeaderEpoch: 0 }
      return { fetched: { ...head, ...ends, records, undecodable: [] } }
    }

    #move(reason: PositionMove['reason'], next: bigint): CursorAnswer {
      const requested = this.next
      this.next = next
      return { move: { reason, requested, next } }
    }
  }
  return { state, reader }
}

async function follow(readers: readonly FollowReader[], options: Partial<FollowOptions>, onEach: (seen: string[]) => boolean = () => true) {
  const seen: string[] = []
  const said: string[] = []
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
      onMove: (number, { reason, requested, next }) => said.push(`${number}: ${reason}, ${requested} to ${next}`),
      onHeld: (number, offset) => {
        said.push(`${number}: held at ${offset}`)
        if (options.untilEnd === false) ended.abort()
      },
      onGone: (number) => {
        said.push(`${number}: gone`)
      },
      isGone: (error) => error instanceof GoneError,
      signal: ended.signal,
    },
  )
  return { seen, said }
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
  expect((await follow([reader], { from: { offset: 1n } })).said).toEqual(['0: expired, 1 to 3'])
  expect((await follow([reader], { from: { offset: 9n } })).said).toEqual(['0: beyond-end, 9 to 5'])
  expect((await follow([reader], { from: { offset: 5n } })).said).toEqual([])
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
  const { seen, said } = await follow([reader], {}, () => {
    state.low = 6n
    return true
  })
  expect(said).toEqual(['0: expired, 2 to 6'])
  expect(seen).toEqual(['0:0', '0:1', '0:6', '0:7'])
})

test('a topic that is created again is reported once and read from its beginning', async () => {
  const { reader, state } = partition(0, 0n, 3n)
  const { seen, said } = await follow([reader], { untilEnd: false }, (soFar) => {
    if (soFar.length === 3) Object.assign(state, { id: 2, high: 2n })
    return soFar.length < 5
  })
  expect(said).toEqual(['0: topic-made-anew, 3 to 0'])
  expect(seen).toEqual(['0:0', '0:1', '0:2', '0:0', '0:1'])
})

test('the end to stop at moves with a topic that has lost its newest records', async () => {
  const { reader, state } = partition(0, 0n, 8n)
  const { seen, said } = await follow([reader], {}, (soFar) => {
    if (soFar.length === 4) state.high = 3n
    return true
  })
  expect(said).toEqual(['0: truncated, 4 to 3'])
  expect(seen).toEqual(['0:0', '0:1', '0:2', '0:3'])
})

test('a partition that a topic created again no longer has does not end the reading of the others', async () => {
  const [first, second] = [partition(0, 0n, 1n), partition(1, 0n, 1n)]
  second.state.isGone = true
  const { seen, said } = await follow([first.reader, second.reader], {})
  expect(seen).toEqual(['0:0'])
  expect(said).toEqual(['1: gone'])
})

test.each([
  ['at its end', { untilEnd: true }],
  ['while it waits', { untilEnd: false }],
])('reports once that an open transaction holds back records, %s', async (_, options) => {
  const { reader, state } = partition(0, 0n, 9n)
  state.stable = 3n
  const { seen, said } = await follow([reader], options)
  expect(said).toEqual(['0: held at 3'])
  expect(seen).toEqual(['0:0', '0:1', '0:2'])
})

test('reports a transaction that holds back all records', async () => {
  const { reader, state } = partition(0, 0n, 9n)
  state.stable = 0n
  expect((await follow([reader], {})).said).toEqual(['0: held at 0'])
})
