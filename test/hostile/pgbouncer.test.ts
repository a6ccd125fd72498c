import { expect, test } from 'vitest'
import { makeBans, startBans } from '../integration/bans/start-bans.ts'
import { startInstance } from '../integration/postgres/identity-instance.ts'
import { createNode, launchBridge } from '../support/bridge/start-bridge.ts'
import { eventually } from '../support/eventually.ts'
import { createDatabase } from '../support/stack/create-database.ts'
import { startPgBouncer } from './support/pgbouncer.ts'

const SENTENCE = /leads through a pooler that shares sessions, such as PgBouncer in transaction mode/
const ADDRESS = { address: '192.0.2.1' }

test('a bridge does not start on PgBouncer in transaction mode, and says why', async () => {
  const url = await startPgBouncer(await createDatabase(), 'transaction')
  await expect(makeBans(url).start()).rejects.toThrow(SENTENCE)
  await expect(startInstance(url).taken).rejects.toThrow(SENTENCE)
  const bridge = await launchBridge(await createNode(), { BANLIST_DB: url })
  await expect(bridge.started).rejects.toThrow(SENTENCE)
})

test('PgBouncer in session mode carries bans, notifications and the lock of a key', async () => {
  const url = await startPgBouncer(await createDatabase(), 'session')
  const [one, other] = [await startBans(url), await startBans(url)]
  await one.apply({ action: 'add', key: '192.0.2.1' }, { door: 'http', who: null })
  expect(one.isBanned(ADDRESS)).toBe(true)
  await eventually(() => other.isBanned(ADDRESS)) // sooner than by the poll of each minute

  const first = startInstance(url, { INSTANCE_ID: 'first', IDENTITY_POOL_MAX: '1' })
  const peerId = await first.peerId
  const second = startInstance(url, { INSTANCE_ID: 'second', IDENTITY_POOL_MAX: '1' })
  await eventually(() => expect(second.said()).toContain('all 1 identities of the pool are held'), { timeoutMs: 10_000 })
  await first.stop()
  expect(await second.peerId).toBe(peerId)
})
