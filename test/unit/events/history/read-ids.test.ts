import { expect, test } from 'vitest'
import { pageOf } from '../../../../src/events/history/page.ts'
import { ReadIds } from '../../../../src/events/history/read-ids.ts'

/** A page of items that are their own ids, from this offset on. */
function page(from: number, ...ids: string[]) {
  const items = ids.map((id, index) => ({ offset: BigInt(from + index), id, item: id }))
  return pageOf(BigInt(from), { items, next: BigInt(from + ids.length) })
}

const EVERYTHING = { from: 0n, before: 1_000n }

test('a whole page without copies is one list for all replays', () => {
  const [first, second] = [page(0, 'a', 'b'), page(2, 'c', 'd')]
  for (const read of [new ReadIds({ atLeast: 10 }), new ReadIds({ atLeast: 10 })]) {
    expect(read.take(first, EVERYTHING)).toBe(first.all)
    expect(read.take(second, EVERYTHING)).toBe(second.all)
  }
})

test('copies are dropped, in a page and across pages', () => {
  const read = new ReadIds({ atLeast: 10 })
  expect(read.take(page(0, 'a', 'b', 'a'), EVERYTHING)).toEqual(['a', 'b'])
  expect(read.take(page(3, 'b', 'c'), EVERYTHING)).toEqual(['c'])
  expect(read.take(page(5, 'c', 'd', 'a'), EVERYTHING)).toEqual(['d'])
})

test('only what was read counts: the rest of a page is no copy of itself', () => {
  const read = new ReadIds({ atLeast: 10 })
  const both = page(0, 'a', 'b', 'c', 'd')
  expect(read.take(both, { from: 1n, before: 3n })).toEqual(['b', 'c'])
  expect(read.take(both, { from: 3n, before: 1_000n })).toEqual(['d'])
  expect(read.take(page(4, 'a', 'b', 'd', 'e'), EVERYTHING)).toEqual(['a', 'e'])
})

test('an id in a page twice counts from either place', () => {
  const read = new ReadIds({ atLeast: 10 })
  expect(read.take(page(0, 'a', 'b', 'a'), { from: 1n, before: 1_000n })).toEqual(['b', 'a'])
  expect(read.take(page(3, 'a', 'c'), EVERYTHING)).toEqual(['c'])
})

test('pages that overlap give each event once', () => {
  const read = new ReadIds({ atLeast: 10 })
  expect(read.take(page(0, 'a', 'b', 'c'), EVERYTHING)).toEqual(['a', 'b', 'c'])
  expect(read.take(page(1, 'b', 'c', 'd', 'e'), { from: 3n, before: 1_000n })).toEqual(['d', 'e'])
  expect(read.take(page(5, 'f', 'd'), EVERYTHING)).toEqual(['f'])
})

test('remembers at least so many ids, and a copy renews its own', () => {
  const read = new ReadIds({ atLeast: 4 })
  read.take(page(0, 'a', 'b'), EVERYTHING)
  read.take(page(2, 'c', 'd'), EVERYTHING)
  expect(read.take(page(4, 'b', 'e'), EVERYTHING)).toEqual(['e'])
  expect(read.take(page(6, 'a', 'f'), EVERYTHING)).toEqual(['a', 'f']) // the page of `a` was forgotten
  expect(read.take(page(8, 'b'), EVERYTHING)).toEqual([])
})
