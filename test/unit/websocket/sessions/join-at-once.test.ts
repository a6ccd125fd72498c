import { expect, test } from 'vitest'
import type { Subscription } from '../../../../src/websocket/clients/client-message.ts'
import { RecentItems } from '../../../../src/websocket/feed/recent-items.ts'
import { joinAtOnce } from '../../../../src/websocket/sessions/join-at-once.ts'
import { item } from '../item.ts'

const NEW: Subscription = { types: new Set(['block']), filter: null, cursor: null, since: null, last: null, batchMs: 0 }

/** Ten blocks from offset 5 on. */
function recentBlocks(): RecentItems {
  const recent = new RecentItems({ maxItems: 10, maxBytes: 1_000_000 })
  for (let offset = 0; offset < 15; offset++) recent.push(item(BigInt(offset)))
  return recent
}

function join(subscription: Partial<Subscription>, recent = recentBlocks()) {
  const told: unknown[] = []
  const isLive = joinAtOnce(
    {
      gap: (gap) => told.push(gap),
      events: (wanted) => told.push(wanted.map(({ offset }) => Number(offset))),
      readOn: async () => {},
      caughtUp: (cursor) => told.push(cursor),
    },
    { ...NEW, ...subscription },
    recent,
  )
  return { isLive, told }
}

const cursorAt = (offset: number) => ({ text: item(BigInt(offset)).cursor, offset: BigInt(offset) })
const newest = item(14n).cursor

test('who asks for nothing of the past, or for what memory has, joins at once', () => {
  expect(join({})).toEqual({ isLive: true, told: [newest] })
  expect(join({ last: 0 })).toEqual({ isLive: true, told: [newest] })
  expect(join({ cursor: cursorAt(11) })).toEqual({ isLive: true, told: [[12, 13, 14], newest] })
  expect(join({ cursor: cursorAt(11), last: 3 })).toEqual({ isLive: true, told: [[12, 13, 14], newest] })
  expect(join({ cursor: cursorAt(14) })).toEqual({ isLive: true, told: [newest] })
  expect(join({ cursor: cursorAt(11), types: new Set(['ban']) })).toEqual({ isLive: true, told: [[], newest] })
})

test('nothing is sent where a replay has to look, wait or tell a gap', () => {
  const nothing = { isLive: false, told: [] }
  expect(join({}, new RecentItems({ maxItems: 10, maxBytes: 1_000_000 }))).toEqual(nothing)
  expect(join({ since: 0 })).toEqual(nothing)
  expect(join({ last: 3 })).toEqual(nothing)
  expect(join({ cursor: cursorAt(2) })).toEqual(nothing)
  expect(join({ cursor: cursorAt(15) })).toEqual(nothing)
  expect(join({ cursor: { ...cursorAt(11), text: cursorAt(12).text } })).toEqual(nothing)
  expect(join({ cursor: cursorAt(11), last: 2 })).toEqual(nothing)
})

test('much of the past takes turns with the others', () => {
  const recent = new RecentItems({ maxItems: 1_000, maxBytes: 10_000_000 })
  for (let offset = 0; offset < 1_000; offset++) recent.push(item(BigInt(offset)))
  expect(join({ cursor: cursorAt(1) }, recent)).toEqual({ isLive: false, told: [] })
})
