import { expect, test } from 'vitest'
import { createNode, startBridge, type TestBridge } from '../../support/bridge/start-bridge.ts'
import { eventually } from '../../support/eventually.ts'
import { createDatabase } from '../../support/stack/create-database.ts'
import { openPostgres } from '../postgres/open-postgres.ts'
import { runCli } from './run-cli.ts'

const WITHIN = { timeoutMs: 60_000, intervalMs: 250 }
const TABLES = ['ban_lists', 'bans', 'ban_changes']

/** How many bans an instance enforces. */
async function entries({ registry }: TestBridge): Promise<number | undefined> {
  return (await registry.getSingleMetric('bridge_ban_entries')?.get())?.values[0]?.value
}

test('a database that is restored from a backup is the truth again: for the instances that run, for p2p-bans, and for later bans', async () => {
  const node = await createNode()
  const database = await createDatabase()
  const bridges = [
    await startBridge(node, { BANLIST_DB: database }),
    await startBridge(node, { BANLIST_DB: database, P2P_PRIVATE_KEY: '', P2P_LISTEN_ADDRESSES: '127.0.0.2' }),
  ]
  const bans = (...words: string[]) => runCli(['bans', ...words], node.environment)
  const change = async (...words: string[]) => expect(await bans(...words, '--timeout', '40s')).toMatchObject({ exitCode: 0 })
  /** Whole, so that a start without Postgres may trust it. */
  const expectPublished = (...keys: string[]) =>
    eventually(async () => {
      const { out, err } = await bans('list')
      expect(
        out
          .split('\n')
          .filter(Boolean)
          .map((line) => line.split(' ')[0]),
      ).toEqual(keys)
      expect(err).toBe('')
    }, WITHIN)

  await change('add', '192.0.2.1')
  await change('add', '192.0.2.2')
  const postgres = openPostgres(database)
  for (const table of TABLES) await postgres.query(`CREATE TABLE backup_${table} AS TABLE gossip_bridge.${table}`, [])
  await change('remove', '192.0.2.2')
  await change('add', '192.0.2.3')
  await expectPublished('192.0.2.1', '192.0.2.3')

  await postgres.transaction(async (client) => {
    for (const table of TABLES.toReversed()) await client.query(`DELETE FROM gossip_bridge.${table}`)
    for (const table of TABLES) await client.query(`INSERT INTO gossip_bridge.${table} SELECT * FROM backup_${table}`)
  })
  await expectPublished('192.0.2.1', '192.0.2.2')

  // Two changes, as many as the backup lacks.
  await change('add', '192.0.2.4')
  await change('remove', '192.0.2.1')
  await expectPublished('192.0.2.2', '192.0.2.4')
  for (const bridge of bridges) await eventually(async () => expect(await entries(bridge)).toBe(2), WITHIN)

  await Promise.all(bridges.map((bridge) => bridge.stop()))
  const without = await startBridge(node, { BANLIST_DB: '' })
  expect(await entries(without)).toBe(2)
}, 180_000)
