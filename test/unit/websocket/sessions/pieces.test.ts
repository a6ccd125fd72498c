import { expect, test } from 'vitest'
import { PIECE_BYTES, Pieces, pieceOf, wantedOf } from '../../../../src/websocket/sessions/pieces.ts'
import { item } from '../item.ts'

const items = [0, 1, 2, 3, 4].map((offset) => item(BigInt(offset), { size: PIECE_BYTES / 2, type: offset === 4 ? 'ban' : 'block' }))

test('a list is cut once, into pieces of a bounded size', () => {
  const all = new Pieces()
  const pieces = all.of(items)
  expect(pieces.map((piece) => piece.items.map(({ offset }) => Number(offset)))).toEqual([[0, 1], [2, 3], [4]])
  expect(all.of(items)).toBe(pieces)
  expect(all.of([])).toEqual([])
})

test('who wants all of a piece gets the list as it is', () => {
  const piece = pieceOf(items)
  expect(wantedOf(piece, { types: new Set(['block', 'ban', 'sync']), filter: null })).toBe(items)
  expect(wantedOf(piece, { types: new Set(['ban']), filter: null })).toEqual(items.slice(4))
  const filter = { peer: null, minHeight: null, hashPrefix: null, origin: 'own' } as const
  expect(wantedOf(piece, { types: new Set(['block', 'ban']), filter })).toEqual([])
})
