import { expect, test } from 'vitest'
import { LatestOffsets } from '../../../../src/events/history/latest-offsets.ts'
import { historyOf, many, wanted } from './fake-history.ts'

const BANS = new Set(['ban'])
const numbers = (offsets: readonly bigint[] | null) => offsets?.map(Number) ?? null

test('the last events of a type that the tail has seen are known without a read', async () => {
  const { history, reads, end } = historyOf([...many(3, 'ban'), ...many(50)], { knownFrom: 0 })
  expect(numbers(await history.last(2, BANS, end, wanted))).toEqual([1, 2])
  expect(reads).toEqual([])
})

test('the last events of several types come in the order of the event log', async () => {
  const { history, end } = historyOf([...many(2, 'ban'), ...many(2), ...many(2, 'sync')], { knownFrom: 0 })
  expect(numbers(await history.last(3, new Set(['ban', 'sync']), end, wanted))).toEqual([1, 4, 5])
  expect(numbers(await history.last(9, new Set(['ban', 'block']), 3n, wanted))).toEqual([0, 1, 2])
})

test('what is older than the read-back is looked up once for all clients, ids and types only', async () => {
  const { history, reads, end } = historyOf([...many(2, 'ban'), ...many(12_000)], { knownFrom: 12_000 })
  const ask = () => history.last(1, BANS, end, wanted)
  expect((await Promise.all([ask(), ask(), ask()])).map(numbers)).toEqual([[1], [1], [1]])
  expect(new Set(reads).size).toBe(reads.length)
  const before = reads.length
  expect(numbers(await history.last(5, BANS, end, wanted))).toEqual([0, 1])
  expect(reads).toHaveLength(before)
  expect(reads.every((read) => read.startsWith('heads'))).toBe(true)
})

test('it looks back up to a bound, stops for nobody, and counts no copy', async () => {
  const log = [...many(2, 'ban'), ...many(2, 'ban'), ...many(20_000)]
  const bounded = historyOf(log, { maxLookBack: 5_000 })
  expect(numbers(await bounded.history.last(1, BANS, bounded.end, wanted))).toEqual([])
  const unwanted = historyOf(log)
  expect(numbers(await unwanted.history.last(1, BANS, unwanted.end, () => false))).toEqual([])
  expect(unwanted.reads).toEqual([])
  const whole = historyOf(log)
  expect(numbers(await whole.history.last(4, BANS, whole.end, wanted))).toEqual([0, 1])
})

test('a search that fails is made again by the next client', async () => {
  const { history, control, end } = historyOf([...many(1, 'ban'), ...many(50)])
  control.fail = new Error('broker away')
  await expect(history.last(1, BANS, end, wanted)).rejects.toThrow('broker away')
  control.fail = null
  expect(numbers(await history.last(1, BANS, end, wanted))).toEqual([0])
})

test('between two offsets all events of rare types are known, or it says that they are not', () => {
  const { history, end } = historyOf([...many(3, 'ban'), ...many(50)], { knownFrom: 1 })
  expect(numbers(history.between(1n, end, BANS))).toEqual([1, 2])
  expect(numbers(history.between(2n, 2n, BANS))).toEqual([])
  expect(history.between(0n, end, BANS)).toBeNull() // before the known part
  expect(history.between(1n, end, new Set(['block']))).toBeNull() // more than are kept
  expect(numbers(history.between(51n, end, new Set(['block'])))).toEqual([51, 52])
})

test('a truncated event log has none of the offsets after its end, and one made anew has none', () => {
  const latest = new LatestOffsets({ types: ['ban'], perType: 3 })
  latest.begin(10n)
  for (const offset of [11n, 12n, 13n, 14n]) latest.add('ban', offset)
  latest.truncate(13n)
  expect(latest.last(9, BANS, 99n)).toEqual([12n])
  latest.add('ban', 13n)
  latest.add('of a later version', 14n)
  expect(latest.last(9, BANS, 99n)).toEqual([12n, 13n])
  latest.begin(0n)
  expect(latest.last(9, BANS, 99n)).toEqual([])
})
