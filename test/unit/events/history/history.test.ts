import { expect, test } from 'vitest'
import { historyOf, many, wanted } from './fake-history.ts'

/** Beyond all events here. */
const END = 1000n

test('reads pages and drops copies of events that the same reader has read', async () => {
  const { history } = historyOf([...many(2), ...many(1)])
  const page = await history.open(wanted).read(0n, END)
  expect(page.items.map(({ id }) => id)).toEqual(['block0', 'block1'])
  expect(page.next).toBe(3n)
})

test('remembers the ids of some pages: older ones may come again', async () => {
  const { history } = historyOf([...many(20), { id: 'block0', type: 'block' }, { id: 'block10', type: 'block' }])
  const reader = history.open(wanted)
  await reader.read(0n, END)
  await reader.read(10n, END)
  const { items } = await reader.read(20n, END)
  expect(items.map(({ id }) => id)).toEqual(['block0'])
})

test('reports where the event log begins when the offset is outside it, and passes on every other error', async () => {
  const { history, control } = historyOf(many(20), { low: 4 })
  expect(await history.open(wanted).read(1n, END)).toEqual({ items: [], next: 4n, outside: true })
  expect(await history.open(wanted).read(99n, END)).toMatchObject({ outside: true })
  control.fail = new Error('broker away')
  await expect(history.open(wanted).read(5n, END)).rejects.toThrow('broker away')
})

test('replays that are near each other share their reads, whether at the same time or later', async () => {
  const { history, reads } = historyOf(many(40))
  const pages = await Promise.all([0n, 3n, 7n].map((from) => history.open(wanted).read(from, END)))
  expect(pages.map(({ items, next }) => [items.length, next])).toEqual([
    [10, 10n],
    [7, 10n],
    [3, 10n],
  ])
  await history.open(wanted).read(5n, END)
  await Promise.all([10n, 10n, 12n].map((from) => history.open(wanted).read(from, END)))
  expect(reads).toEqual(['page 0', 'page 10'])
})

test('a read that fails for the offset of another client is tried for the own', async () => {
  const { history } = historyOf(many(20), { low: 4 })
  const [expired, own] = await Promise.all([history.open(wanted).read(3n, END), history.open(wanted).read(8n, END)])
  expect([expired.outside, own.outside]).toEqual([true, false])
  expect(own.items[0]).toMatchObject({ id: 'block8' })
})

test('nothing is read for a client that has left', async () => {
  const { history, reads } = historyOf(many(40), { concurrentReads: 1 })
  let isHere = true
  const first = history.open(wanted).read(0n, END)
  const second = history.open(() => isHere).read(30n, END)
  isHere = false
  await first
  await expect(second).rejects.toThrow('left')
  await expect(history.open(() => isHere).readAt([35n])).rejects.toThrow('left')
  expect(reads).toEqual(['page 0'])
})

test('pages are kept within their bounds', async () => {
  const { history, reads } = historyOf(many(60), { maxPages: 2 })
  for (const from of [0n, 10n, 20n, 0n]) await history.open(wanted).read(from, END)
  expect(reads).toEqual(['page 0', 'page 10', 'page 20', 'page 0'])
  const small = historyOf(many(60), { maxPageBytes: 1500 })
  for (const from of [0n, 10n, 0n]) await small.history.open(wanted).read(from, END)
  expect(small.reads).toEqual(['page 0', 'page 10', 'page 0'])
})

test('what was kept is forgotten when the event log was cut or created again', async () => {
  const { history, reads } = historyOf(many(20))
  await history.open(wanted).read(0n, END)
  await history.open(wanted).readAt([15n])
  history.forget()
  await history.open(wanted).read(0n, END)
  await history.open(wanted).readAt([15n])
  expect(reads).toEqual(['page 0', 'one 15', 'page 0', 'one 15'])
})

test('events that stand far apart are read one by one, and once for all', async () => {
  const { history, reads } = historyOf(many(100))
  const reader = history.open(wanted)
  expect(await reader.readAt([5n, 50n])).toMatchObject({ items: [{ id: 'block5' }], rest: [50n] })
  expect(await reader.readAt([50n])).toMatchObject({ items: [{ id: 'block50' }], rest: [] })
  expect(await history.open(wanted).readAt([5n, 50n, 90n])).toMatchObject({ items: [{ id: 'block5' }, { id: 'block50' }], rest: [90n] })
  expect(reads).toEqual(['one 5', 'one 50'])
})

test('of events that stand far apart, the expired ones are left out', async () => {
  const { history } = historyOf(many(100), { low: 20 })
  expect(await history.open(wanted).readAt([5n, 50n])).toEqual({ items: [], rest: [50n] })
})

test('gives the cursor of the oldest event, and none for an empty event log', async () => {
  expect(await historyOf(many(9), { low: 3 }).history.oldest()).toBe('v1.3.block3')
  expect(await historyOf([]).history.oldest()).toBeNull()
})

test('reads cursors', () => {
  const { history } = historyOf([])
  expect(history.offsetOf('v1.5.0123abcd')).toBe(5n)
  expect(history.offsetOf('5')).toBeNull()
})

test('what a replay left for later is no copy of what it has read', async () => {
  const { history } = historyOf(many(10), { rememberedIds: 100 })
  const reader = history.open(wanted)
  expect(await reader.read(0n, 4n)).toMatchObject({ items: { length: 4 }, next: 4n })
  expect(await reader.read(4n, 10n)).toMatchObject({ items: { length: 6 }, next: 10n })
})
