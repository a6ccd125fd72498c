import pino from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import { applyBan } from '../../../src/bans/apply-ban.ts'
import { createBans } from '../../../src/bans/bans.ts'
import { MemoryBanStore } from '../../../src/bans/memory-ban-store.ts'
import { fakeClock } from '../../support/fake-clock.ts'
import { ADDRESS, add, given, NOW, SharedStore, setUp } from './set-up.ts'

test.each([-2 * 3_600_000, 2 * 3_600_000])('bans end by the time of the store, with our wall clock off by %d ms', async (aheadMs) => {
  const { bans, store, clock } = setUp({ aheadMs })
  await bans.start()
  await bans.apply({ ...add, until: NOW + 60_000 }, given())
  expect(bans.isBanned(ADDRESS)).toBe(true)
  clock.setWall(0)
  clock.advance(59_999)
  store.clock.advance(59_999)
  expect(bans.isBanned(ADDRESS)).toBe(true)
  clock.advance(1)
  expect(bans.isBanned(ADDRESS)).toBe(false)
})

test.each([-2 * 3_600_000, 2 * 3_600_000])(
  'while only the published list is in use, bans end by the time of the event log, with our wall clock off by %d ms',
  async (aheadMs) => {
    const store = new SharedStore()
    store.failure = new Error('refused')
    const ban = { key: '192.0.2.1', until: NOW + 60_000, reason: '', since: NOW, cause: '' }
    const { bans, eventLog } = setUp({ aheadMs, store, fallback: async () => [ban] })
    await bans.start()
    expect(bans.isBanned(ADDRESS)).toBe(true)
    eventLog.advance(59_999)
    expect(bans.isBanned(ADDRESS)).toBe(true)
    eventLog.advance(1)
    expect(bans.isBanned(ADDRESS)).toBe(false)
  },
)

test('a list without a database ends its bans by the time of the event log, which becomes right after the start', async () => {
  let now = NOW + 2 * 3_600_000
  const ban = { key: '192.0.2.1', until: NOW + 60_000, reason: '', since: NOW, cause: '' }
  const store = new MemoryBanStore({ maxEntries: 10 }, { applyBan, now: () => now, initial: async () => [ban] })
  const deps = {
    log: pino({ level: 'silent' }),
    health: { ready: () => {}, notReady: () => {} },
    clock: fakeClock(),
    eventLogNow: () => now,
  }
  const none = { set: () => {}, inc: () => {} }
  const metrics = { entries: none, changes: none, commands: none, storeUp: none }
  const bans = createBans({ bridgeId: 'a', defaultDurationMs: 60_000, maxEntries: 10 }, { ...deps, store, metrics })
  onTestFinished(() => bans.stop())
  await bans.start()
  now = NOW
  expect(bans.isBanned(ADDRESS)).toBe(true)
  await bans.apply({ action: 'add', key: '192.0.2.2', durationSeconds: 60 }, { door: 'http', who: null })
  expect(bans.check('192.0.2.2')?.until).toBe(NOW + 60_000)
})
