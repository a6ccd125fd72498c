import { expect, test } from 'vitest'
import { createReadBanEvidence } from '../../../src/postgres/bans/ban-evidence.ts'
import { createBanOutbox } from '../../../src/postgres/bans/ban-outbox.ts'
import { createDatabase } from '../../support/stack/create-database.ts'
import { openBanStore, openPostgres } from './open-postgres.ts'

const NOW = Date.now()
const HOUR = 3_600_000

function add(key: string, until: number | null = NOW + HOUR, reason = 'spam') {
  return { action: 'add', key, until, reason } as const
}

function cause(offset: number) {
  return { cause: `ban-commands:0:${offset}` }
}

test('a ban lasts beyond the process that made it', async () => {
  const url = await createDatabase()
  const outcome = await openBanStore(url).change(add('192.0.2.1'), cause(0))
  expect(outcome).toMatchObject({
    isRepeated: false,
    change: { action: 'add', key: '192.0.2.1', changed: true, cause: 'ban-commands:0:0' },
  })
  expect(await openBanStore(url).load()).toEqual({
    revision: 1,
    bans: [{ key: '192.0.2.1', until: NOW + HOUR, reason: 'spam', since: expect.any(Number), cause: 'ban-commands:0:0' }],
    now: expect.any(Number),
  })
})

test('a redelivered command changes nothing and gives the same outcome', async () => {
  const store = openBanStore(await createDatabase())
  const first = await store.change(add('192.0.2.1'), cause(0))
  await store.change({ action: 'remove', key: '192.0.2.1', until: null, reason: '' }, cause(1))
  const again = await store.change(add('192.0.2.1'), cause(0))
  expect(again).toEqual({ change: first.change, isRepeated: true, changes: [] })
  expect(await store.load()).toMatchObject({ revision: 2, bans: [] })
})

test('one command that many instances apply at once is applied once', async () => {
  const url = await createDatabase()
  const stores = Array.from({ length: 5 }, () => openBanStore(url))
  const outcomes = await Promise.all(stores.map((store) => store.change(add('192.0.2.1'), cause(7))))
  expect(outcomes.filter((outcome) => !outcome.isRepeated)).toHaveLength(1)
  expect(await stores[0]?.changesSince(0)).toHaveLength(1)
})

test('changes of many instances at once have one order without holes', async () => {
  const url = await createDatabase()
  const stores = Array.from({ length: 4 }, () => openBanStore(url))
  await Promise.all(
    stores.flatMap((store, index) => [0, 1, 2, 3, 4].map((n) => store.change(add(`10.0.${index}.${n}`), cause(index * 5 + n)))),
  )
  const changes = await stores[0]?.changesSince(0)
  expect(changes?.map((change) => change.revision)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1))
  expect((await stores[0]?.load())?.bans).toHaveLength(20)
})

test('the evidence of a change is read by its cause, of the own bridge only', async () => {
  const url = await createDatabase()
  const evidence = { door: 'score', who: null, points: 100, offences: [{ reason: 'invalid_block', cause: 'invalid-blocks:0:41' }] }
  await openBanStore(url).change(add('192.0.2.1'), { cause: 'score:1', evidence })
  await openBanStore(url).change(add('192.0.2.2'), cause(2))
  const readAs = (bridgeId: string) => createReadBanEvidence({ bridgeId }, { postgres: openPostgres(url) })
  expect(await readAs('a')(['score:1', 'ban-commands:0:2', 'nothing'])).toEqual(new Map([['score:1', evidence]]))
  expect(await readAs('b')(['score:1'])).toEqual(new Map())
})

test('two bridges in one database do not see each other', async () => {
  const url = await createDatabase()
  const [a, b] = [openBanStore(url, { bridgeId: 'a' }), openBanStore(url, { bridgeId: 'b' })]
  await a.change(add('192.0.2.1'), cause(0))
  await b.change(add('192.0.2.2'), cause(0))
  await b.change({ action: 'clear', key: '', until: null, reason: '' }, cause(1))
  expect((await a.load()).bans.map((ban) => ban.key)).toEqual(['192.0.2.1'])
  expect(await b.load()).toMatchObject({ revision: 2, bans: [] })
  expect(await createBanOutbox({ bridgeId: 'b' }, { postgres: openPostgres(url) }).pending(10)).toHaveLength(2)
})

test('a command whose time was over before it came changes nothing', async () => {
  const store = openBanStore(await createDatabase())
  await store.change(add('192.0.2.1', null), cause(0))
  const late = await store.change(add('192.0.2.1', NOW - 1), cause(1))
  expect(late.change.changed).toBe(false)
  expect((await store.load()).bans[0]?.until).toBeNull()
})

test('removing what is not banned is audited and changes nothing', async () => {
  const store = openBanStore(await createDatabase())
  const outcome = await store.change({ action: 'remove', key: '192.0.2.1', until: null, reason: 'x' }, cause(0))
  expect(outcome.change).toEqual({
    action: 'remove',
    key: '192.0.2.1',
    until: null,
    reason: 'x',
    changed: false,
    cause: 'ban-commands:0:0',
  })
  expect(await store.changesSince(0)).toHaveLength(1)
})

test('a full list lets the oldest expiry go before the new entry comes', async () => {
  const store = openBanStore(await createDatabase(), { maxEntries: 2 })
  await store.change(add('10.0.0.1', null), cause(0))
  await store.change(add('10.0.0.2', NOW + HOUR), cause(1))
  const outcome = await store.change(add('10.0.0.3'), cause(2))
  expect(outcome.changes.map(({ change }) => [change.action, change.key])).toEqual([
    ['remove', '10.0.0.2'],
    ['add', '10.0.0.3'],
  ])
  expect(outcome.change).toMatchObject({ action: 'add', key: '10.0.0.3' })
  expect((await store.load()).bans.map((ban) => ban.key).sort()).toEqual(['10.0.0.1', '10.0.0.3'])
})

test('a list that was made smaller than it is shrinks with the next entry', async () => {
  const url = await createDatabase()
  const large = openBanStore(url)
  for (const n of [1, 2, 3, 4]) await large.change(add(`10.0.0.${n}`, NOW + n * HOUR), cause(n))
  await openBanStore(url, { maxEntries: 2 }).change(add('10.0.0.9', null), cause(9))
  expect((await large.load()).bans.map((ban) => ban.key).sort()).toEqual(['10.0.0.4', '10.0.0.9'])
})

test('several instances that sweep at once expire each ban once', async () => {
  const url = await createDatabase()
  const stores = Array.from({ length: 4 }, () => openBanStore(url))
  for (let n = 0; n < 10; n++) await stores[0]?.change(add(`10.0.0.${n}`, NOW + HOUR), cause(n))
  await openPostgres(url).query(`UPDATE gossip_bridge.bans SET until = now() - interval '1 second'`, [])
  await Promise.all(stores.map((store) => store.sweep()))
  const changes = await stores[0]?.changesSince(10)
  expect(changes).toHaveLength(10)
  expect(changes?.[0]).toMatchObject({ revision: 11, change: { action: 'expire', cause: 'expire:11' } })
  await stores[0]?.sweep()
  expect((await stores[0]?.load())?.bans).toEqual([])
  expect(await stores[0]?.changesSince(20)).toEqual([])
})

test('the outbox gives what was not published, in order, with what a clear removed', async () => {
  const url = await createDatabase()
  const store = openBanStore(url)
  const outbox = createBanOutbox({ bridgeId: 'a' }, { postgres: openPostgres(url) })
  await store.change(add('10.0.0.1'), { ...cause(0), evidence: { score: 100 } })
  await store.change(add('10.0.0.2', null), cause(1))
  await store.change({ action: 'clear', key: '', until: null, reason: 'start over' }, cause(2))
  expect((await outbox.pending(2)).map((change) => change.revision)).toEqual([1, 2])
  await outbox.markPublished([1, 2])
  const [left, ...others] = await outbox.pending(10)
  expect(others).toEqual([])
  expect(left).toMatchObject({ revision: 3, ban: null, change: { action: 'clear', key: '', reason: 'start over' } })
  expect([...(left?.removedKeys ?? [])].sort()).toEqual(['10.0.0.1', '10.0.0.2'])
})

test('the audit keeps the evidence, and old published lines go', async () => {
  const url = await createDatabase()
  const store = openBanStore(url)
  const postgres = openPostgres(url)
  await store.change(add('10.0.0.1', null), { ...cause(0), evidence: { score: 100 } })
  await store.change(add('10.0.0.2', null), cause(1))
  expect(await postgres.query('SELECT evidence FROM gossip_bridge.ban_changes ORDER BY revision', [])).toEqual([
    { evidence: { score: 100 } },
    { evidence: null },
  ])
  await createBanOutbox({ bridgeId: 'a' }, { postgres }).markPublished([1])
  await postgres.query("UPDATE gossip_bridge.ban_changes SET at = now() - interval '91 days'", [])
  await store.sweep()
  expect((await postgres.query('SELECT revision FROM gossip_bridge.ban_changes', [])).map(({ revision }) => revision)).toEqual(['2'])
  expect(await store.changesSince(0)).toBeUndefined()
})

test('whoever is too far behind, or ahead of a restored backup, is told to read it all', async () => {
  const store = openBanStore(await createDatabase())
  await store.change(add('10.0.0.1'), cause(0))
  expect(await store.changesSince(1)).toEqual([])
  expect(await store.changesSince(2)).toBeUndefined()
})

test('a list that nobody changed yet is empty', async () => {
  const store = openBanStore(await createDatabase())
  expect(await store.load()).toMatchObject({ revision: 0, bans: [] })
  expect(await store.changesSince(0)).toEqual([])
})
