import { expect, test } from 'vitest'
import { createPreparation } from '../../../src/postgres/connection/prepare.ts'
import { createReputationStore } from '../../../src/postgres/reputations/reputation-store.ts'
import { addReport, applyReports, NO_REPORTS, type Report } from '../../../src/reputation/report.ts'
import { NO_REPUTATION } from '../../../src/reputation/reputation.ts'
import { createDatabase } from '../../support/stack/create-database.ts'
import { openPostgres, silent } from './open-postgres.ts'

function openStore(url: string, { bridgeId = 'a', maxPeers = 100 } = {}) {
  const postgres = openPostgres(url, 10_000)
  const prepare = createPreparation({ migrates: true }, { postgres, log: silent })
  return createReputationStore({ bridgeId, maxPeers }, { postgres, prepare, applyReports, start: NO_REPUTATION })
}

const reportsOf = (peerId: string, ...reports: Report[]) => ({
  peerId,
  reports: reports.reduce((all, report) => addReport(all, report, 1000), NO_REPORTS),
})
const SUCCESS: Report = { kind: 'valid-block' }

test('reports of several instances at once add up, and each instance reads those of the others', async () => {
  const url = await createDatabase()
  const stores = [openStore(url), openStore(url), openStore(url)]
  const large: Report = { kind: 'downloaded', bytes: 2n ** 60n }
  await Promise.all(
    Array.from({ length: 15 }, (_, n) => {
      const both = [reportsOf('anna', SUCCESS, large), reportsOf('bert', { kind: 'catchup-failure', error: '"\\ ' })]
      return stores[n % 3]?.add(n % 2 === 0 ? both : both.reverse())
    }),
  )
  const [store, other] = [stores[0], openStore(url, { bridgeId: 'b' })]
  const { changed, cursor } = (await store?.read(null)) ?? { changed: [], cursor: null }
  const anna = { ...NO_REPUTATION, successes: 15, lastSuccess: 1000, lastBlock: 1000, bytes: 15n * 2n ** 60n }
  expect(changed.find(({ peerId }) => peerId === 'anna')?.reputation).toEqual(anna)
  expect(changed.find(({ peerId }) => peerId === 'bert')?.reputation).toMatchObject({ failures: 15, lastError: '"\\ ' })
  expect((await other.read(null)).changed).toEqual([])
  const [carl] = (await stores[1]?.add([reportsOf('carl', SUCCESS)])) ?? []
  expect((await store?.read(cursor))?.changed).toContainEqual(carl)
})

test('a reset is counted, and other instances read it', async () => {
  const url = await createDatabase()
  const [store, other] = [openStore(url), openStore(url)]
  await store.add([reportsOf('anna', SUCCESS), reportsOf('bert', SUCCESS)])
  const { cursor } = await other.read(null)
  expect(await store.reset('anna')).toBe(1)
  expect(await store.reset('nobody')).toBe(0)
  expect((await other.read(cursor)).changed).toContainEqual({ peerId: 'anna', reputation: NO_REPUTATION })
  expect(await store.reset(null)).toBe(2)
})

test('what was read long ago is not read again; the sweep keeps the newest', async () => {
  const url = await createDatabase()
  const store = openStore(url, { maxPeers: 2 })
  const postgres = openPostgres(url)
  await store.add([reportsOf('old', SUCCESS)])
  await postgres.query(`UPDATE gossip_bridge.reputations SET changed_at = changed_at - interval '1 minute'`, [])
  const { cursor } = await store.read(null)
  await store.add([reportsOf('anna', SUCCESS)])
  expect((await store.read(cursor)).changed.map(({ peerId }) => peerId)).toEqual(['anna'])
  await store.add([reportsOf('bert', SUCCESS)])
  await store.sweep()
  const rows = await postgres.query<{ peer_id: string }>('SELECT peer_id FROM gossip_bridge.reputations ORDER BY peer_id', [])
  expect(rows.map((row) => row.peer_id)).toEqual(['anna', 'bert'])
  await postgres.query(`UPDATE gossip_bridge.reputations SET changed_at = changed_at - interval '31 days' WHERE peer_id = 'anna'`, [])
  await store.sweep()
  expect((await store.read(null)).changed.map(({ peerId }) => peerId)).toEqual(['bert'])
})
