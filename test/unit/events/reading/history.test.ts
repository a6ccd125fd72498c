import { expect, test } from 'vitest'
import { createHistory } from '../../../../src/events/reading/history.ts'
import type { EventEntry } from '../../../../src/events/reading/read-events.ts'

const PAGE = 10

/** An event log of these types and ids, read in pages of ten. */
function historyOf(events: { id: string; type: string }[], { low = 0, maxScannedRecords = 1000 } = {}) {
  const entries = events.map((event, index) => ({ event, offset: BigInt(index), timestamp: 0 }) as unknown as EventEntry)
  const reads: bigint[] = []
  const history = createHistory(
    { maxScannedRecords, rememberedIds: 3 },
    {
      async read(from) {
        reads.push(from)
        if (from < low || from > entries.length) throw new Error('out of range')
        const page = entries.slice(Number(from), Number(from) + PAGE)
        return { entries: page, next: from + BigInt(page.length) }
      },
      bounds: async () => ({ low: BigInt(low), high: BigInt(entries.length) }),
      toItem: ({ event, offset }) => ({ offset, id: event.id }),
    },
  )
  return { history, reads }
}

const many = (count: number, type = 'block') => Array.from({ length: count }, (_, index) => ({ id: `${type}${index}`, type }))

test('reads pages and drops copies of events that the same reader has read', async () => {
  const { history } = historyOf([...many(2), ...many(1)])
  const page = await history.open().read(0n)
  expect(page.items.map(({ id }) => id)).toEqual(['block0', 'block1'])
  expect(page.next).toBe(3n)
})

test('remembers a bounded number of ids; each copy renews its id', async () => {
  const ids = ['a', 'b', 'a', 'c', 'd', 'a', 'b']
  const { history } = historyOf(ids.map((id) => ({ id, type: 'block' })))
  const { items } = await history.open().read(0n)
  expect(items.map(({ id }) => id)).toEqual(['a', 'b', 'c', 'd', 'b'])
})

test('reports where the event log begins when the offset is outside it, and passes on every other error', async () => {
  const { history } = historyOf(many(20), { low: 4 })
  expect(await history.open().read(1n)).toEqual({ items: [], next: 4n, outside: true })
  expect(await history.open().read(99n)).toMatchObject({ outside: true })
  const broken = createHistory(
    { maxScannedRecords: 1, rememberedIds: 1 },
    {
      read: () => Promise.reject(new Error('broker away')),
      bounds: async () => ({ low: 0n, high: 9n }),
      toItem: () => expect.fail(),
    },
  )
  await expect(broken.open().read(5n)).rejects.toThrow('broker away')
})

test('finds where the last events of common kinds begin with few reads', async () => {
  const { history, reads } = historyOf(many(500))
  expect(await history.startOfLast(5, new Set(['block']))).toBe(495n)
  expect(reads).toEqual([490n])
})

test('looks further back for rare kinds, to the beginning of the event log or to its bound', async () => {
  const log = [...many(3, 'ban'), ...many(100)]
  expect(await historyOf(log).history.startOfLast(2, new Set(['ban']))).toBe(1n)
  expect(await historyOf(log).history.startOfLast(9, new Set(['ban']))).toBe(0n)
  expect(await historyOf(log).history.startOfLast(9, new Set(['sync']))).toBe(103n)
  expect(await historyOf(log, { maxScannedRecords: 50 }).history.startOfLast(2, new Set(['ban']))).toBe(103n)
  expect(await historyOf(log).history.startOfLast(0, new Set(['block']))).toBe(103n)
})

test('gives the cursor of the oldest event, and none for an empty event log', async () => {
  expect(await historyOf(many(9), { low: 3 }).history.oldest()).toBe('v1.3.block3')
  expect(await historyOf([]).history.oldest()).toBeNull()
})

test('reads cursors', () => {
  const { history } = historyOf([])
  expect(history.offsetOf('v1.5.0123abcd')).toBe(5n)
  expect(history.offsetOf('nonsense')).toBeNull()
})
