import { execFileSync } from 'node:child_process'
import { chownSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { expect, test } from 'vitest'
import { startPostgres } from '../../../deploy/local/postgres/postgres.ts'
import { RetryLaterError } from '../../../src/messages/errors.ts'
import { migrate } from '../../../src/postgres/connection/migrate.ts'
import { eventually } from '../../support/eventually.ts'
import { onEnd } from '../../support/on-end.ts'
import { createDatabase } from '../../support/stack/create-database.ts'
import { startBans } from '../bans/start-bans.ts'
import { openPostgres, silent } from './open-postgres.ts'

const ADDRESS = { address: '192.0.2.1' }
const add = { action: 'add', key: '192.0.2.1', reason: 'spam' }
const given = { door: 'http', who: 'test' } as const

async function openClient(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => {}) // the server ends it with its database
  await client.connect()
  onEnd(() => client.end().catch(() => {}))
  return client
}

test('a full queue of notifications does not keep a ban out: it is stored, enforced on all instances, and said', async () => {
  const server = await startPostgres()
  onEnd(() => server.stop())
  const admin = await openClient(server.url)
  await admin.query('ALTER SYSTEM SET max_notify_queue_pages = 64')
  await admin.end()
  await server.shutDown()
  await server.start()
  const url = await server.createDatabase('bridge')
  const [one, two] = [await startBans(url), await startBans(url)]
  const sleeper = await openClient(server.url)
  await sleeper.query('LISTEN anything')
  await sleeper.query('BEGIN')
  await sleeper.query('SELECT 1')
  const filler = await openClient(server.url)
  const fill = () => filler.query(`SELECT count(pg_notify('anything', repeat('x', 7000) || n)) FROM generate_series(1, 50) AS n`)
  await expect(
    (async () => {
      for (;;) await fill()
    })(),
  ).rejects.toMatchObject({ code: '54000' })
  await one.apply(add, given)
  await eventually(() => two.isBanned(ADDRESS), { timeoutMs: 3000 })
  await eventually(() =>
    expect(one.health.report().parts[0]?.reason).toMatch(/hear of changes with their next poll.*SQLSTATE 54000.*queue/),
  )
  await sleeper.query('ROLLBACK')
  await eventually(async () => {
    await one.apply({ ...add, reason: String(Math.random()) }, given)
    expect(one.health.report().parts[0]?.reason).toBe('ok')
  })
})

test('a database that is read-only is said with the reason, and as soon as commands or the sweep meet it', async () => {
  const url = await createDatabase()
  const bans = await startBans(url, { sweepMs: 200 })
  const name = new URL(url).pathname.slice(1)
  const operator = openPostgres(url)
  const others = 'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()'
  await operator.query(`ALTER DATABASE ${name} SET default_transaction_read_only = on`, [])
  await operator.query(others, [])
  await eventually(() => expect(bans.health.report().parts[0]?.reason).toMatch(/takes no changes .*read-only.*25006.*commands wait/))
  await expect(bans.apply(add, given)).rejects.toThrow(RetryLaterError)
  await operator.query(`SET default_transaction_read_only = off; ALTER DATABASE ${name} SET default_transaction_read_only = off`, [])
  await operator.query(others, [])
  await eventually(() => expect(bans.health.report().parts[0]?.reason).toBe('ok'), { timeoutMs: 5000 })
})

test('a role with the grants of docs/postgres.md runs the bridge, and one without them is told what it lacks', async () => {
  const url = await createDatabase()
  const owner = openPostgres(url)
  const role = `bridge_${new URL(url).pathname.slice(1)}`
  await owner.query(`CREATE ROLE ${role} LOGIN PASSWORD 'sesame'`, [])
  onEnd(async () => {
    await owner.query(`DROP OWNED BY ${role}`, [])
    await owner.query(`DROP ROLE ${role}`, [])
  })
  const limited = new URL(url)
  limited.username = role
  limited.password = 'sesame'
  const lesser = openPostgres(limited.href)
  await expect(migrate({ migrates: false }, { postgres: lesser, log: silent })).rejects.toThrow(
    /the database lacks 0001_bans.*run `gossip-bridge migrate`/,
  )
  await migrate({ migrates: true }, { postgres: owner, log: silent })
  const page = readFileSync(new URL('../../../docs/postgres.md', import.meta.url), 'utf8')
  const grants = [...page.matchAll(/^(GRANT|ALTER DEFAULT) .* TO bridge;$/gm)].map(([line]) => line)
  expect(grants).toHaveLength(3)
  await owner.query(grants[0]?.replace('TO bridge', `TO ${role}`) ?? '', [])
  await owner.query(`GRANT SELECT ON ALL TABLES IN SCHEMA gossip_bridge TO ${role}`, [])
  const bans = await startBans(limited.href)
  await expect(bans.apply(add, given)).rejects.toThrow(/permission denied.*42501.*postgres.md lists the grants/)
  expect(bans.health.report().parts[0]?.reason).toMatch(/takes no changes .*42501/)
  for (const line of grants) await owner.query(line.replace('TO bridge', `TO ${role}`), [])
  await bans.apply(add, given)
  expect(bans.isBanned(ADDRESS)).toBe(true)
})

test('a migration lock that somebody holds is named', async () => {
  const url = await createDatabase()
  const holder = await openClient(`${url}?application_name=forgotten%20console`)
  await holder.query('SELECT pg_advisory_lock(7241865325823964)')
  await expect(migrate({ migrates: true }, { postgres: openPostgres(url, 10_000), log: silent })).rejects.toThrow(
    /migration lock is held by the session \d+ \(forgotten console, role postgres, since 20/,
  )
  await holder.end()
  expect(await migrate({ migrates: true }, { postgres: openPostgres(url), log: silent })).toContain('0001_bans')
})

test('sslmode means what it means for libpq, with a server that has a certificate of its own', async () => {
  const server = await startPostgres()
  onEnd(() => server.stop())
  const admin = await openClient(server.url)
  const { rows } = await admin.query('SHOW data_directory')
  const folder = rows[0].data_directory as string
  const { uid, gid } = statSync(folder)
  const own = mkdtempSync(join(tmpdir(), 'gossip-bridge-tls-'))
  onEnd(() => rmSync(own, { recursive: true }))
  const [key, certificate] = [join(folder, 'server.key'), join(folder, 'server.crt')]
  const subject = ['-subj', '/CN=db.example.org', '-addext', 'subjectAltName=DNS:db.example.org']
  execFileSync(
    'openssl',
    ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', ...subject, '-keyout', key, '-out', certificate],
    {
      stdio: 'pipe',
    },
  )
  for (const file of [key, certificate]) chownSync(file, uid, gid)
  const authority = join(own, 'ca.pem')
  const connects = (query: string) =>
    openPostgres(`${server.url}?${query}`).query('SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()', [])

  expect(await connects('sslmode=prefer')).toEqual([{ ssl: false }])
  await expect(connects('sslmode=require')).rejects.toThrow(/does not support SSL connections.*sslmode=require of banlist_db/)
  await admin.query('ALTER SYSTEM SET ssl = on')
  await admin.query('SELECT pg_reload_conf()')
  execFileSync('cp', [certificate, authority])
  await eventually(async () => expect(await connects('sslmode=require')).toEqual([{ ssl: true }]))
  expect(await connects('')).toEqual([{ ssl: true }])
  expect(await connects('sslmode=allow')).toEqual([{ ssl: false }])
  expect(await connects('sslmode=disable')).toEqual([{ ssl: false }])
  expect(await connects(`sslmode=verify-ca&sslrootcert=${authority}`)).toEqual([{ ssl: true }])
  await expect(connects('sslmode=verify-full')).rejects.toThrow(/self-signed certificate.*sslmode=verify-full of banlist_db/)
  await expect(connects(`sslmode=verify-full&sslrootcert=${authority}`)).rejects.toThrow(/altnames.*sslmode=verify-full/)
  expect(() => openPostgres(`${server.url}?sslmode=verify-full&sslrootcert=/nowhere`)).toThrow(
    /sslrootcert of banlist_db names cannot be read/,
  )
})
