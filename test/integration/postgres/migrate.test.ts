import { expect, test } from 'vitest'
import { migrate } from '../../../src/postgres/connection/migrate.ts'
import type { Postgres } from '../../../src/postgres/connection/pool.ts'
import { createDatabase } from '../../support/stack/create-database.ts'
import { openPostgres, silent } from './open-postgres.ts'

const migrateAs = (postgres: Postgres, migrates = true) => migrate({ migrates }, { postgres, log: silent })

test('five instances that start at once migrate once', async () => {
  const url = await createDatabase()
  const instances = Array.from({ length: 5 }, () => openPostgres(url))
  await Promise.all(instances.map((postgres) => migrateAs(postgres)))
  const [first] = instances
  const rows = await first?.query('SELECT name FROM gossip_bridge.migrations ORDER BY id', [])
  expect(rows).toEqual([{ name: '0001_bans' }, { name: '0002_identities' }, { name: '0003_scores' }, { name: '0004_reputations' }])
})

test('a second start changes nothing and keeps what is there', async () => {
  const postgres = openPostgres(await createDatabase())
  await migrateAs(postgres)
  await postgres.query("INSERT INTO gossip_bridge.ban_lists (bridge_id) VALUES ('a')", [])
  await migrateAs(postgres)
  expect(await postgres.query('SELECT bridge_id FROM gossip_bridge.ban_lists', [])).toEqual([{ bridge_id: 'a' }])
})

test("stands beside another program's table of the same name", async () => {
  const postgres = openPostgres(await createDatabase())
  await postgres.query('CREATE TABLE bans (key TEXT PRIMARY KEY, expiration_time TIMESTAMPTZ, subnet TEXT)', [])
  await migrateAs(postgres)
  expect(await postgres.query('SELECT * FROM bans', [])).toEqual([])
})

test('a role without the right to make schemas can use one that stands', async () => {
  const url = await createDatabase()
  const owner = openPostgres(url)
  await migrateAs(owner)
  const role = `limited_${new URL(url).pathname.slice(1)}`
  await owner.query(`CREATE ROLE ${role} LOGIN PASSWORD 'p'`, [])
  await owner.query(`GRANT USAGE ON SCHEMA gossip_bridge TO ${role}`, [])
  await owner.query(`GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA gossip_bridge TO ${role}`, [])
  try {
    const limited = new URL(url)
    limited.username = role
    limited.password = 'p'
    await migrateAs(openPostgres(limited.href))
  } finally {
    await owner.query(`DROP OWNED BY ${role}`, [])
    await owner.query(`DROP ROLE ${role}`, [])
  }
})
