import { expect, test } from 'vitest'
import { createPostgres } from '../../../src/postgres/connection/pool.ts'
import { PostgresError } from '../../../src/postgres/connection/postgres-error.ts'
import { eventually } from '../../support/eventually.ts'
import { granted } from '../../support/granted.ts'
import { createDatabase } from '../../support/stack/create-database.ts'
import { cuttableProxy } from './cuttable-proxy.ts'
import { openPostgres, silent } from './open-postgres.ts'

test('what fails inside a transaction leaves nothing behind, and the pool stays usable', async () => {
  const postgres = openPostgres(await createDatabase())
  await postgres.query('CREATE TABLE t (n integer)', [])
  const failed = postgres.transaction(async (client) => {
    await client.query('INSERT INTO t VALUES (1)')
    throw new Error('no')
  })
  await expect(failed).rejects.toThrow('no')
  expect(await postgres.query('SELECT * FROM t', [])).toEqual([])
})

test('a server that hangs is given up at the deadline, and used again when it answers', async () => {
  const proxy = await cuttableProxy(await createDatabase())
  const postgres = openPostgres(proxy.url, 1000)
  await postgres.query('SELECT 1', [])
  proxy.freeze()
  const startedAt = performance.now()
  await expect(postgres.query('SELECT 1', [])).rejects.toThrow(/an answer of Postgres took longer than 1000 ms/)
  await expect(postgres.query('SELECT 1', [])).rejects.toThrow(PostgresError)
  expect(performance.now() - startedAt).toBeLessThan(granted(4000))
  proxy.thaw()
  await eventually(() => postgres.query('SELECT 1', []))
})

test('stops while the server hangs', async () => {
  const url = await createDatabase()
  const proxy = await cuttableProxy(url)
  const postgres = openPostgres(proxy.url, 60_000)
  const hanging = postgres.query('SELECT pg_sleep(60)', []).catch((error: unknown) => error)
  const observer = openPostgres(url)
  const inFlight = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND query = 'SELECT pg_sleep(60)'"
  await eventually(async () => (await observer.query(inFlight, [])).length > 0)
  proxy.freeze()
  const startedAt = performance.now()
  await postgres.stop()
  expect(performance.now() - startedAt).toBeLessThan(granted(5000))
  expect(await hanging).toBeInstanceOf(PostgresError)
})

test('says which errors no repetition can mend', async () => {
  const postgres = openPostgres(await createDatabase())
  await expect(postgres.query("SELECT 'x'::integer", [])).rejects.toMatchObject({ isPermanent: true })
  await expect(postgres.query('SELECT * FROM nowhere', [])).rejects.toMatchObject({ isPermanent: false })
})

test('a wrong password is said without the password', async () => {
  const url = new URL(await createDatabase())
  url.username = 'nobody'
  url.password = 'sesame%21'
  const error = await openPostgres(url.href)
    .query('SELECT 1', [])
    .catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(PostgresError)
  expect(String(error)).not.toMatch(/sesame/)
})

test('a text that is not a connection string is refused without repeating it', () => {
  const open = () => createPostgres({ connectionString: 'mysql://u:sesame@h/d', applicationName: 'x' }, { log: silent })
  expect(open).toThrow(/banlist_db is not a Postgres connection string/)
  expect(open).not.toThrow(/sesame/)
})

test('a transaction whose client is gone does not hold its locks for ever', async () => {
  const url = await createDatabase()
  const proxy = await cuttableProxy(url)
  const [frozen, other] = [openPostgres(proxy.url, 1000), openPostgres(url)]
  await other.query('CREATE TABLE t (n integer)', [])
  await other.query('INSERT INTO t VALUES (1)', [])
  const stuck = frozen.transaction(async (client) => {
    await client.query('SELECT n FROM t FOR UPDATE')
    proxy.freeze()
    await client.query('SELECT 1')
  })
  await expect(stuck).rejects.toThrow(/an answer of Postgres took longer than 1000 ms/)
  expect(await other.query('UPDATE t SET n = 2 RETURNING n', [])).toEqual([{ n: 2 }])
})
