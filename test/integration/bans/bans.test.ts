import { expect, test } from 'vitest'
import type { BanChange } from '../../../src/bans/ban.ts'
import { RetryLaterError } from '../../../src/messages/errors.ts'
import { eventually } from '../../support/eventually.ts'
import { granted } from '../../support/granted.ts'
import { createDatabase } from '../../support/stack/create-database.ts'
import { cuttableProxy } from '../postgres/cuttable-proxy.ts'
import { openPostgres } from '../postgres/open-postgres.ts'
import { makeBans, startBans } from './start-bans.ts'

let offset = 0
function given() {
  return { door: 'kafka', who: null, cause: `ban-commands:0:${offset++}`, givenAt: Date.now() } as const
}

const ADDRESS = { address: '192.0.2.1' }
const add = { action: 'add', key: '192.0.2.1', reason: 'spam' }
/** What the design promises for every instance. */
const PROMISED_MS = 2000

test('every instance enforces a change within two seconds', async () => {
  const url = await createDatabase()
  const instances = await Promise.all([startBans(url), startBans(url), startBans(url), startBans(url)])
  await instances[0]?.apply(add, given())
  expect(instances[0]?.isBanned(ADDRESS)).toBe(true)
  await eventually(() => instances.every((bans) => bans.isBanned(ADDRESS)), { timeoutMs: PROMISED_MS })
  await instances[3]?.apply({ action: 'remove', key: '192.0.2.1' }, given())
  await eventually(() => instances.every((bans) => !bans.isBanned(ADDRESS)), { timeoutMs: PROMISED_MS })
})

test('changes on all instances at once end in one list', async () => {
  const url = await createDatabase()
  const instances = await Promise.all([startBans(url), startBans(url), startBans(url)])
  const commands = Array.from({ length: 60 }, (_, n) =>
    n % 3 === 2 ? { action: 'remove', key: `10.0.0.${n - 1}` } : { action: 'add', key: `10.0.0.${n}` },
  )
  await Promise.all(commands.map((command, n) => instances[n % 3]?.apply(command, given())))
  const stored = await openPostgres(url).query<{ key: string }>('SELECT key FROM gossip_bridge.bans ORDER BY key', [])
  const expected = stored.map(({ key }) => key)
  for (const bans of instances) {
    await eventually(() =>
      expect(
        bans
          .list()
          .map((ban) => ban.key)
          .sort(),
      ).toEqual(expected),
    )
  }
})

test('bans hold after a restart', async () => {
  const url = await createDatabase()
  const before = await startBans(url)
  await before.apply({ ...add, permanent: true }, given())
  await before.stop()
  expect((await startBans(url)).isBanned(ADDRESS)).toBe(true)
})

test('a lost listener reads the list anew, with what it missed and what was changed by hand', async () => {
  const url = await createDatabase()
  const [writer, reader] = [await startBans(url), await startBans(url)]
  const operator = openPostgres(url)
  await writer.apply({ action: 'add', key: '192.0.2.2' }, given())
  await eventually(() => reader.isBanned({ address: '192.0.2.2' }))
  await operator.query("DELETE FROM gossip_bridge.bans WHERE key = '192.0.2.2'", [])
  const listening = "FROM pg_stat_activity WHERE application_name = 'gossip-bridge listener' AND datname = current_database()"
  await eventually(async () => expect(await operator.query(`SELECT pid ${listening}`, [])).toHaveLength(2))
  await operator.query(`SELECT pg_terminate_backend(pid) ${listening}`, [])
  await writer.apply(add, given())
  await eventually(() => reader.isBanned(ADDRESS) && !reader.isBanned({ address: '192.0.2.2' }), { timeoutMs: PROMISED_MS })
})

test('while Postgres is away bans hold, commands are refused for now, and all goes on afterwards', async () => {
  const url = await createDatabase()
  const proxy = await cuttableProxy(url)
  const [cutOff, other] = [await startBans(proxy.url, { deadlineMs: 2000 }), await startBans(url)]
  await cutOff.apply(add, given())
  await proxy.cut()
  await expect(cutOff.apply({ action: 'add', key: '192.0.2.9' }, given())).rejects.toThrow(RetryLaterError)
  expect(cutOff.isBanned(ADDRESS)).toBe(true)
  await eventually(() => expect(cutOff.health.report()).toMatchObject({ ready: true, parts: [{ reason: /bans stay as they are/ }] }))
  await other.apply({ action: 'add', key: '192.0.2.3' }, given())
  await proxy.mend()
  await eventually(() => cutOff.isBanned({ address: '192.0.2.3' }), { timeoutMs: 10_000 })
  expect((await cutOff.apply({ action: 'add', key: '192.0.2.9' }, given())).change.changed).toBe(true)
  await eventually(() => expect(cutOff.health.report().parts[0]?.reason).toBe('ok'))
})

test('a command against a Postgres that hangs is given up within its deadline', async () => {
  const proxy = await cuttableProxy(await createDatabase())
  const bans = await startBans(proxy.url, { deadlineMs: 2000 })
  await bans.apply(add, given())
  proxy.freeze()
  const startedAt = performance.now()
  await expect(bans.apply({ action: 'add', key: '192.0.2.9' }, given())).rejects.toThrow(/took longer than 2000 ms|timeout exceeded/)
  expect(performance.now() - startedAt).toBeLessThan(granted(3000))
  expect(bans.isBanned(ADDRESS)).toBe(true)
  proxy.thaw()
})

test('a start without Postgres takes the list from the fallback, and the store as soon as it is there', async () => {
  const url = await createDatabase()
  const writer = await startBans(url)
  await writer.apply(add, given())
  const proxy = await cuttableProxy(url)
  await proxy.cut()
  const published = { key: '192.0.2.7', until: null, reason: '', since: 0, cause: 'ban-commands:0:0' }
  const bans = await startBans(proxy.url, { deadlineMs: 2000, fallback: async () => [published] })
  expect(bans.isBanned({ address: '192.0.2.7' })).toBe(true)
  expect(bans.health.report()).toMatchObject({ ready: true, parts: [{ reason: /last published/ }] })
  await proxy.mend()
  await eventually(() => bans.isBanned(ADDRESS) && !bans.isBanned({ address: '192.0.2.7' }), { timeoutMs: 10_000 })
})

test('a start without Postgres and without fallback waits, not ready, until it is there', async () => {
  const proxy = await cuttableProxy(await createDatabase())
  await proxy.cut()
  const bans = makeBans(proxy.url, { deadlineMs: 2000 })
  const started = bans.start()
  await eventually(() => expect(bans.health.report()).toMatchObject({ ready: false, parts: [{ reason: /ban store is away/ }] }))
  await proxy.mend()
  await started
  expect(bans.health.report().ready).toBe(true)
})

test('a start that waits for Postgres can be stopped', async () => {
  const proxy = await cuttableProxy(await createDatabase())
  await proxy.cut()
  const bans = makeBans(proxy.url, { deadlineMs: 2000 })
  const started = bans.start()
  await eventually(() => !bans.health.report().ready)
  await bans.stop()
  await expect(started).rejects.toThrow()
})

test('a ban ends at its time at once, and is swept and told soon after', async () => {
  const url = await createDatabase()
  const bans = await startBans(url, { sweepMs: 50 })
  const heard: BanChange[] = []
  bans.onChange((changes) => heard.push(...changes))
  await bans.apply({ ...add, until: Date.now() + 3000 }, given())
  expect(bans.isBanned(ADDRESS)).toBe(true)
  await eventually(() => !bans.isBanned(ADDRESS))
  await eventually(() => expect(heard.map((change) => change.action)).toEqual(['add', 'expire']))
})

test('the bound holds on every instance', async () => {
  const url = await createDatabase()
  const [writer, reader] = [await startBans(url, { maxEntries: 3 }), await startBans(url, { maxEntries: 3 })]
  for (let n = 1; n <= 6; n++) await writer.apply({ action: 'add', key: `10.0.0.${n}`, durationSeconds: 1000 + n }, given())
  const kept = ['10.0.0.4', '10.0.0.5', '10.0.0.6']
  for (const bans of [writer, reader]) {
    await eventually(() =>
      expect(
        bans
          .list()
          .map((ban) => ban.key)
          .sort(),
      ).toEqual(kept),
    )
  }
})

test('a listener that undid itself hears nothing more', async () => {
  const bans = await startBans(await createDatabase())
  let calls = 0
  const undo = bans.onChange(() => calls++)
  await bans.apply(add, given())
  expect(calls).toBe(1)
  undo()
  await bans.apply({ action: 'clear', key: '' }, given())
  expect(calls).toBe(1)
})
