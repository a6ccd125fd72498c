import { expect, test } from 'vitest'
import { eventually } from '../../support/eventually.ts'
import { createDatabase } from '../../support/stack/create-database.ts'
import { cuttableProxy } from '../postgres/cuttable-proxy.ts'
import { startBans } from './start-bans.ts'

/** Long enough for every pause between two attempts to be as long as it gets. */
const OUTAGE_MS = 4000
/** Measured: see docs/postgres.md. This bound is for a machine that is busy with other tests. */
const RECOVERED_WITHIN_MS = 10_000

test('after an outage of Postgres the list is level and takes commands again soon after the database is back', async () => {
  const url = await createDatabase()
  const proxy = await cuttableProxy(url)
  const [cutOff, other] = [await startBans(proxy.url, { deadlineMs: 500 }), await startBans(url)]
  await proxy.cut()
  const cutAt = performance.now()
  const isAway = () => /the ban store is away/.test(cutOff.health.report().parts[0]?.reason ?? '')
  await eventually(() => expect(isAway() && performance.now() - cutAt > OUTAGE_MS).toBe(true), { timeoutMs: 30_000 })
  await other.apply({ action: 'add', key: '192.0.2.1', permanent: true }, { door: 'cli', who: null })

  const mendedAt = performance.now()
  await proxy.mend()
  await eventually(() => cutOff.isBanned({ address: '192.0.2.1' }), { timeoutMs: RECOVERED_WITHIN_MS, intervalMs: 10 })
  await eventually(() => cutOff.health.report().parts[0]?.reason === 'ok', { timeoutMs: RECOVERED_WITHIN_MS, intervalMs: 10 })
  const change = await cutOff.apply({ action: 'add', key: '192.0.2.2', permanent: true }, { door: 'cli', who: null })
  expect(change.change.changed).toBe(true)
  const tookMs = performance.now() - mendedAt
  expect(tookMs).toBeLessThan(RECOVERED_WITHIN_MS)
})
