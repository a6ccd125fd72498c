import { expect, test } from 'vitest'
import { applyBan } from '../../../src/bans/apply-ban.ts'
import type { Ban } from '../../../src/bans/ban.ts'
import { MemoryBanStore } from '../../../src/bans/memory-ban-store.ts'

const NOW = 1_000_000
const add = (key: string, until: number | null = null) => ({ action: 'add', key, until, reason: '' }) as const
let now = NOW
const openStore = (maxEntries = 10, initial?: () => Promise<readonly Ban[]>) => {
  now = NOW
  return new MemoryBanStore({ maxEntries }, { applyBan, now: () => now, initial })
}
const cause = (offset: number) => ({ cause: `ban-commands:0:${offset}` })

test('keeps bans, their changes and the outbox as a database would', async () => {
  const store = openStore(10)
  await store.change(add('10.0.0.1', NOW + 5), cause(0))
  await store.change(add('10.0.0.2'), cause(1))
  now += 5
  expect(await store.sweep()).toBeNull()
  await store.change({ action: 'clear', key: '', until: null, reason: '' }, cause(2))
  expect((await store.changesSince(0))?.map(({ change }) => [change.action, change.key])).toEqual([
    ['add', '10.0.0.1'],
    ['add', '10.0.0.2'],
    ['expire', '10.0.0.1'],
    ['clear', ''],
  ])
  expect(await store.load()).toEqual({ revision: 4, bans: [], now: null })
  await store.markPublished([1, 2, 3])
  expect(await store.pending(10)).toEqual([expect.objectContaining({ revision: 4, removedKeys: ['10.0.0.2'] })])
})

test('a redelivered command changes nothing', async () => {
  const store = openStore(10)
  const first = await store.change(add('10.0.0.1'), cause(0))
  const again = await store.change(add('10.0.0.1'), cause(0))
  expect(again).toEqual({ change: first.change, isRepeated: true, changes: [] })
})

test('the bound holds, and the eviction is recorded before the new ban', async () => {
  const store = openStore(1)
  await store.change(add('10.0.0.1'), cause(0))
  const { changes } = await store.change(add('10.0.0.2'), cause(1))
  expect(changes.map(({ change }) => [change.action, change.key])).toEqual([
    ['remove', '10.0.0.1'],
    ['add', '10.0.0.2'],
  ])
})

test('remembers a bounded number of changes', async () => {
  const store = openStore(10)
  for (let n = 0; n < 10_050; n++) await store.change(add('10.0.0.1', NOW + n + 1), cause(n))
  expect(await store.changesSince(0)).toBeUndefined()
  expect(await store.changesSince(100)).toHaveLength(9950)
  expect(await store.pending(20_000)).toHaveLength(10_000)
})

test('starts with the initial list as soon as it can be read', async () => {
  let isAway = true
  const ban = { key: '10.0.0.1', until: null, reason: '', since: 0, cause: 'x' }
  const initial = async () => {
    if (isAway) throw new Error('away')
    return [ban]
  }
  const store = openStore(10, initial)
  await expect(store.load()).rejects.toThrow('away')
  isAway = false
  expect(await store.load()).toEqual({ revision: 0, bans: [ban], now: null })
  await store.change({ action: 'remove', key: '10.0.0.1', until: null, reason: '' }, cause(0))
  expect((await store.load()).bans).toEqual([])
})
