import { expect, test } from 'vitest'
import { applyBan } from '../../../src/bans/apply-ban.ts'
import { PostgresBanStore } from '../../../src/postgres/bans/ban-store.ts'
import { createPreparation } from '../../../src/postgres/connection/prepare.ts'
import { createScoreStore } from '../../../src/postgres/scores/score-store.ts'
import { addPoints } from '../../../src/scores/add-points.ts'
import type { PricedOffence } from '../../../src/scores/ports.ts'
import { createDatabase } from '../../support/stack/create-database.ts'
import { openPostgres, silent } from './open-postgres.ts'

const offence = (cause: string, points = 10): PricedOffence => ({
  reason: 'invalid_block',
  cause,
  points,
  evidence: { record: `invalid-blocks:0:${cause}` },
})

function openStore(url: string, bridgeId = 'a') {
  const postgres = openPostgres(url, 10_000)
  return createScoreStore({ bridgeId }, { postgres, prepare: createPreparation({ migrates: true }, { postgres, log: silent }), addPoints })
}

test('an offence adds its points once, whichever instance charges it and how often', async () => {
  const url = await createDatabase()
  const stores = [openStore(url), openStore(url)]
  const outcomes = await Promise.all(Array.from({ length: 10 }, (_, n) => stores[n % 2]?.charge('mallory', [offence('same')])))
  expect(outcomes.filter((outcome) => !outcome?.isRepeated)).toHaveLength(1)
  expect(outcomes.map((outcome) => outcome?.points)).toEqual(Array.from({ length: 10 }, () => 10))
})

test('charges at once on several instances add up, with the newest offences as evidence', async () => {
  const url = await createDatabase()
  const stores = [openStore(url), openStore(url), openStore(url)]
  await Promise.all(Array.from({ length: 30 }, (_, n) => stores[n % 3]?.charge('mallory', [offence(`${n}`)])))
  const last = await stores[0]?.charge('mallory', [offence('29'), offence('last')])
  expect(last).toMatchObject({ points: 310, isRepeated: false })
  expect(last?.latest).toHaveLength(20)
  expect(last?.latest[0]).toMatchObject({
    cause: 'last',
    reason: 'invalid_block',
    points: 10,
    evidence: { record: 'invalid-blocks:0:last' },
  })
  expect(await stores[1]?.list(10)).toMatchObject([{ peerId: 'mallory', points: 310 }])
})

test('a score loses a point a minute by the time of the database, and bridges and peers have their own', async () => {
  const url = await createDatabase()
  const [store, other] = [openStore(url), openStore(url, 'b')]
  await store.charge('mallory', [offence('1', 50)])
  await openPostgres(url).query(`UPDATE gossip_bridge.scores SET at = at - interval '20 minutes 30 seconds'`, [])
  expect(await store.list(10)).toMatchObject([{ peerId: 'mallory', points: 30 }])
  expect(await store.charge('mallory', [offence('2')])).toMatchObject({ points: 40 })
  expect(await store.charge('trudy', [offence('1')])).toMatchObject({ points: 10, isRepeated: false })
  expect(await other.charge('mallory', [offence('1')])).toMatchObject({ points: 10, isRepeated: false })
})

function openBans(url: string) {
  const postgres = openPostgres(url, 10_000)
  const prepare = createPreparation({ migrates: true }, { postgres, log: silent })
  return new PostgresBanStore({ bridgeId: 'a', maxEntries: 100 }, { postgres, log: silent, prepare, applyBan })
}

const add = (key: string) => ({ action: 'add', key, until: null, reason: '' }) as const
const remove = (key: string) => ({ action: 'remove', key, until: null, reason: '' }) as const

test('who is unbanned by hand begins anew, or the next offence would ban at once; a record that is redelivered stays charged', async () => {
  const url = await createDatabase()
  const [store, other, bans] = [openStore(url), openStore(url, 'b'), openBans(url)]
  for (const each of [store, other]) await each.charge('mallory', [offence('1', 100)])
  await store.charge('trudy', [offence('1', 90)])
  await bans.change(remove('mallory'), { cause: 'not banned yet' })
  expect(await store.charge('mallory', [offence('1', 100)])).toMatchObject({ points: 100, isRepeated: true })

  await bans.change(add('mallory'), { cause: '1' })
  await bans.change(remove('mallory'), { cause: '2' })
  expect(await store.charge('mallory', [offence('1', 100)])).toMatchObject({ points: 0, isRepeated: true })
  expect(await store.charge('mallory', [offence('2')])).toMatchObject({ points: 10 })
  expect(await store.list(10)).toMatchObject([
    { peerId: 'trudy', points: 90 },
    { peerId: 'mallory', points: 10 },
  ])
  expect(await other.list(10)).toMatchObject([{ peerId: 'mallory', points: 100 }])

  await bans.change(add('trudy'), { cause: '3' })
  await bans.change({ action: 'clear', key: '', until: null, reason: '' }, { cause: '4' })
  expect(await store.list(10)).toEqual([])
})

const byScore = { door: 'score', who: null }
const LAST_TEN_MINUTES = { door: 'score', windowMs: 600_000 }

test('the quota of a door counts its bans on all instances, in the window', async () => {
  const url = await createDatabase()
  const bans = openBans(url)
  await bans.change(add('old'), { cause: '0', evidence: byScore })
  await openPostgres(url).query(`UPDATE gossip_bridge.ban_changes SET at = at - interval '11 minutes'`, [])
  await bans.change(add('mallory'), { cause: '1', evidence: byScore })
  await openPostgres(url).query('UPDATE gossip_bridge.ban_changes SET published_at = now()', [])
  await openBans(url).change(add('trudy'), { cause: '2', evidence: byScore })
  await bans.change(add('by hand'), { cause: '3', evidence: { door: 'http', who: 'somebody' } })
  await bans.change(remove('mallory'), { cause: '4', evidence: { door: 'http', who: 'somebody' } })
  const seen: string[][] = []
  const quota = { ...LAST_TEN_MINUTES, allows: (keys: readonly string[]) => seen.push(keys.toSorted()) < 2 }
  expect(await bans.change(add('first'), { cause: '5', evidence: byScore, quota })).toMatchObject({ change: { changed: true } })
  expect(await bans.change(add('second'), { cause: '6', evidence: byScore, quota })).toEqual({
    change: { ...add('second'), changed: false, cause: '6' },
    isRepeated: false,
    isOverQuota: true,
    changes: [],
  })
  expect(seen).toEqual([
    ['mallory', 'trudy'],
    ['first', 'mallory', 'trudy'],
  ])
  expect((await bans.load()).bans.map(({ key }) => key).toSorted()).toEqual(['by hand', 'first', 'old', 'trudy'])
})

test('instances that ban at the same moment keep a quota together', async () => {
  const url = await createDatabase()
  const instances = [openBans(url), openBans(url), openBans(url)]
  const quota = { ...LAST_TEN_MINUTES, allows: (keys: readonly string[]) => keys.length < 4 }
  const outcomes = await Promise.all(
    Array.from({ length: 18 }, (_, n) => instances[n % 3]?.change(add(`peer ${n}`), { cause: `${n}`, evidence: byScore, quota })),
  )
  expect(outcomes.filter((outcome) => outcome?.change.changed)).toHaveLength(4)
  expect(outcomes.filter((outcome) => outcome?.isOverQuota)).toHaveLength(14)
})

test('the sweep forgets what is over, and nothing else', async () => {
  const url = await createDatabase()
  const store = openStore(url)
  const postgres = openPostgres(url)
  await store.charge('gone', [offence('old')])
  await store.charge('here', [offence('new')])
  await postgres.query(`UPDATE gossip_bridge.scores SET at = at - interval '8 days' WHERE peer_id = 'gone'`, [])
  await postgres.query(`UPDATE gossip_bridge.offences SET at = at - interval '8 days' WHERE peer_id = 'gone'`, [])
  await store.sweep()
  expect(await postgres.query('SELECT peer_id FROM gossip_bridge.scores', [])).toEqual([{ peer_id: 'here' }])
  expect(await postgres.query('SELECT peer_id FROM gossip_bridge.offences', [])).toEqual([{ peer_id: 'here' }])
})
