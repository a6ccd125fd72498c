import { expect, test } from 'vitest'
import { ephemeralIdentity } from '../../../src/identity/key.ts'
import { eventually } from '../../support/eventually.ts'
import { toTeranodeHex } from '../../support/private-key.ts'
import { createDatabase } from '../../support/stack/create-database.ts'
import { cuttableProxy } from './cuttable-proxy.ts'
import { type IdentityInstance, startInstance } from './identity-instance.ts'
import { openPostgres } from './open-postgres.ts'

const ONE_KEY = { IDENTITY_POOL_MAX: '1' }
const SHORT_LEASE_MS = 4000
const SESSIONS = "FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'gossip-bridge identity %'"

/** When somebody else had it, by the clock of `hostStoppedAt`. */
async function takenAt({ taken }: IdentityInstance): Promise<number> {
  await taken
  return performance.now()
}

/** A holder behind a proxy, and another instance that waits for its key. */
async function holderAndHeir() {
  const database = await createDatabase()
  const proxy = await cuttableProxy(database)
  const holder = startInstance(proxy.url, ONE_KEY, SHORT_LEASE_MS)
  const peerId = await holder.peerId
  const other = startInstance(database, ONE_KEY, SHORT_LEASE_MS)
  return { proxy, holder, peerId, other, otherTook: takenAt(other) }
}

test('a holder whose connections are cut stops its host before another one takes its key', async () => {
  const { proxy, holder, peerId, other, otherTook } = await holderAndHeir()
  await proxy.cut() // Postgres sees the end of the session, and gives the lock free, at once
  const tookAt = await otherTook
  expect(await other.peerId).toBe(peerId)
  expect(holder.hostStoppedAt()).toBeLessThan(tookAt)
  expect(holder.fatal()?.message).toMatch(/^the identity of this instance is lost: Postgres has not confirmed for \d+ s that 12D3/)
  expect(await holder.metric('bridge_identity_held')).toBe(0)
})

test('a holder whose connection hangs stops its host, and its key is free once Postgres ends the session', async () => {
  const { proxy, holder, peerId, other, otherTook } = await holderAndHeir()
  proxy.freeze()
  await eventually(() => expect(holder.fatal()).toBeDefined(), { timeoutMs: 15_000 })
  expect(other.isReady()).toBe(false)
  await proxy.cut()
  expect(await other.peerId).toBe(peerId)
  expect(holder.hostStoppedAt()).toBeLessThan(await otherTook)
})

test('a session that Postgres ends is taken back at once, and nobody notices', async () => {
  const database = await createDatabase()
  const holder = startInstance(database, ONE_KEY)
  await holder.peerId
  const postgres = openPostgres(database)
  const sessions = async () => (await postgres.query<{ pid: number }>(`SELECT pid ${SESSIONS} ORDER BY pid`, [])).map(({ pid }) => pid)
  const before = await sessions()
  await postgres.query(`SELECT pg_terminate_backend(pid) ${SESSIONS}`, [])
  await eventually(async () => expect(await holder.metric('bridge_identity_lock_losses_total')).toBeGreaterThan(0))
  await eventually(() => expect(holder.said()).toMatch(/held by this instance alone$/))
  expect((await sessions()).some((pid) => !before.includes(pid))).toBe(true)
  expect(holder.hostStoppedAt()).toBeUndefined()
})

test('after a crash the instance of that name has its key back without waiting for the end of the lease', async () => {
  const database = await createDatabase()
  const proxy = await cuttableProxy(database)
  const crashed = startInstance(proxy.url, { ...ONE_KEY, INSTANCE_ID: 'gb-0' })
  const peerId = await crashed.peerId
  await proxy.cut()
  const startedAt = performance.now()
  const again = startInstance(database, { ...ONE_KEY, INSTANCE_ID: 'gb-0' })
  expect(await again.peerId).toBe(peerId)
  expect(performance.now() - startedAt).toBeLessThan(20_000)
  await again.stop()
})

test('a second holder of a configured key is refused, with the peer id and who has it', async () => {
  const database = await createDatabase()
  const key = { P2P_PRIVATE_KEY: toTeranodeHex(await ephemeralIdentity()) }
  const first = startInstance(database, { ...key, INSTANCE_ID: 'gb-0' })
  const peerId = await first.peerId
  const second = startInstance(database, { ...key, INSTANCE_ID: 'gb-1' })
  await expect(second.taken).rejects.toThrow(
    new RegExp(`^the peer id ${peerId}, which p2p_private_key makes, is held by the instance gb-0 on .*: stop that instance, or give`),
  )
  expect(first.hostStoppedAt()).toBeUndefined()
  await first.stop()
  expect(await startInstance(database, { ...key, INSTANCE_ID: 'gb-1' }).peerId).toBe(peerId)
})

test('with a configured key the bridge starts while Postgres is away, and takes the lock when it is back', async () => {
  const proxy = await cuttableProxy(await createDatabase())
  await proxy.cut()
  const instance = startInstance(proxy.url, { P2P_PRIVATE_KEY: toTeranodeHex(await ephemeralIdentity()) })
  await instance.peerId
  expect(instance.isReady()).toBe(true)
  expect(instance.said()).toMatch(/nothing keeps a second one from using p2p_private_key until Postgres answers/)
  expect(await instance.metric('bridge_identity_held')).toBe(0)
  await proxy.mend()
  await eventually(async () => expect(await instance.metric('bridge_identity_held')).toBe(1), { timeoutMs: 10_000 })
})

test('one that started without the guard ends when it finds its configured key held by another one', async () => {
  const database = await createDatabase()
  const proxy = await cuttableProxy(database)
  await proxy.cut()
  const key = { P2P_PRIVATE_KEY: toTeranodeHex(await ephemeralIdentity()) }
  const unguarded = startInstance(proxy.url, key)
  await unguarded.peerId
  const rightful = startInstance(database, { ...key, INSTANCE_ID: 'gb-0' })
  await rightful.peerId
  await proxy.mend()
  await eventually(() => expect(unguarded.fatal()?.message).toMatch(/ is now held by the instance gb-0 on /), { timeoutMs: 10_000 })
  expect(unguarded.hostStoppedAt()).toBeDefined()
  expect(rightful.fatal()).toBeUndefined()
})

test('without Postgres there is no identity of the pool: the start waits, says so, and goes on by itself', async () => {
  const proxy = await cuttableProxy(await createDatabase())
  await proxy.cut()
  const instance = startInstance(proxy.url)
  await eventually(() => expect(instance.said()).toMatch(/^Postgres gives no identity \(.*\): the host cannot start without one/))
  expect(instance.isReady()).toBe(false)
  await proxy.mend()
  expect(await instance.peerId).toMatch(/^12D3KooW/)
})

test('a start that waits for its identity can be given up', async () => {
  const proxy = await cuttableProxy(await createDatabase())
  proxy.freeze()
  const instance = startInstance(proxy.url)
  instance.giveUp()
  await expect(instance.taken).rejects.toThrow()
})
