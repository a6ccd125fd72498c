import { expect, test } from 'vitest'
import { RecentItems } from '../../../../src/websocket/feed/recent-items.ts'
import { fc } from '../../../support/properties.ts'
import { item } from '../item.ts'

test('covers nothing before the first publish', () => {
  const recent = new RecentItems({ maxItems: 5, maxBytes: 1000 })
  expect([recent.position, recent.newest, recent.covers(0n)]).toEqual([null, undefined, false])
})

test('the cursor is that of the newest item, or of the newest event before the start', () => {
  const recent = new RecentItems({ maxItems: 5, maxBytes: 1000 })
  recent.startAfter('v1.8.00000000')
  expect(recent.cursor).toBeNull()
  recent.advance(10n)
  expect(recent.cursor).toBe('v1.8.00000000')
  recent.push(item(10n))
  expect(recent.cursor).toBe(item(10n).cursor)
  recent.restart(0n)
  expect(recent.cursor).toBeNull()
})

test('covers from the first item to the position, both ends included', () => {
  const recent = new RecentItems({ maxItems: 5, maxBytes: 1000 })
  recent.push(item(10n))
  recent.advance(15n)
  expect([9n, 10n, 15n, 16n].map((offset) => recent.covers(offset))).toEqual([false, true, true, false])
})

test('stays within its bounds, and no longer covers dropped items', () => {
  const recent = new RecentItems({ maxItems: 3, maxBytes: 1000 })
  for (let offset = 0n; offset < 10n; offset++) recent.push(item(offset))
  expect(recent.covers(6n)).toBe(false)
  expect(recent.slice(7n, 1000).items.map(({ offset }) => offset)).toEqual([7n, 8n, 9n])
  const small = new RecentItems({ maxItems: 100, maxBytes: 25 })
  for (let offset = 0n; offset < 10n; offset++) small.push(item(offset, { frame: 'x'.repeat(10) }))
  expect(small.slice(8n, 1000).items).toHaveLength(2)
  expect(small.covers(7n)).toBe(false)
})

test('slices give the offset to continue at, and whether they reach the end', () => {
  const recent = new RecentItems({ maxItems: 100, maxBytes: 1000 })
  for (const offset of [3n, 5n, 8n]) recent.push(item(offset, { frame: 'x'.repeat(10) }))
  recent.advance(12n)
  expect(recent.slice(4n, 10)).toMatchObject({ items: [{ offset: 5n }], next: 8n, isEnd: false })
  expect(recent.slice(8n, 10)).toMatchObject({ items: [{ offset: 8n }], next: 12n, isEnd: true })
  expect(recent.slice(12n, 10)).toMatchObject({ items: [], next: 12n, isEnd: true })
})

test('finds an item by its exact offset, and the start of the last items of some kinds', () => {
  const recent = new RecentItems({ maxItems: 100, maxBytes: 1000 })
  for (const [offset, type] of [
    [3n, 'block'],
    [5n, 'ban'],
    [8n, 'block'],
  ] as const)
    recent.push(item(offset, { type }))
  expect(recent.at(5n)?.type).toBe('ban')
  expect(recent.at(4n)).toBeUndefined()
  expect(recent.startOfLast(2, new Set(['block']))).toBe(3n)
  expect(recent.startOfLast(3, new Set(['block']))).toBeUndefined()
})

test('a restart drops all items', () => {
  const recent = new RecentItems({ maxItems: 100, maxBytes: 1000 })
  recent.push(item(300n))
  recent.restart(0n)
  expect([recent.position, recent.newest, recent.covers(300n), recent.covers(0n)]).toEqual([0n, undefined, false, true])
})

test('slices chained from any covered offset give each remaining item once', () => {
  const gaps = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 60 })
  fc.assert(
    fc.property(
      gaps,
      fc.integer({ min: 1, max: 30 }),
      fc.integer({ min: 1, max: 20 }),
      fc.nat(200),
      (steps, maxItems, pieceBytes, start) => {
        const recent = new RecentItems({ maxItems, maxBytes: 10_000 })
        const offsets: bigint[] = []
        let offset = 0n
        for (const step of steps) {
          offset += BigInt(step)
          offsets.push(offset)
          recent.push(item(offset, { frame: 'xxx' }))
        }
        const from = BigInt(start)
        if (!recent.covers(from)) return
        const got: bigint[] = []
        for (let next = from; ; ) {
          const piece = recent.slice(next, pieceBytes)
          got.push(...piece.items.map((one) => one.offset))
          next = piece.next
          if (piece.isEnd) break
        }
        expect(got).toEqual(offsets.filter((one) => one >= from))
      },
    ),
  )
})
