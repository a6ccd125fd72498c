import { expect, test } from 'vitest'
import { eventually } from '../../support/eventually.ts'
import { createDatabase } from '../../support/stack/create-database.ts'
import { runCli } from '../bans/run-cli.ts'
import { ENCRYPTION_KEY, startInstance } from './identity-instance.ts'

test('instances that start together on an empty pool each get a key of their own', async () => {
  const database = await createDatabase()
  const peerIds = await Promise.all(Array.from({ length: 4 }, () => startInstance(database).peerId))
  expect(new Set(peerIds).size).toBe(4)
  expect(peerIds.every((peerId) => peerId.startsWith('12D3KooW'))).toBe(true)
})

test('peer ids survive restarts: each instance gets back the key that it had', async () => {
  const database = await createDatabase()
  const names = ['gb-0', 'gb-1', 'gb-2']
  const start = () => names.map((name) => startInstance(database, { INSTANCE_ID: name }))
  const first = start()
  const before = await Promise.all(first.map(({ peerId }) => peerId))
  await Promise.all(first.map((instance) => instance.stop()))
  expect(await Promise.all(start().map(({ peerId }) => peerId))).toEqual(before)
})

test('without names, the keys of those that stopped are used again, and none is added', async () => {
  const database = await createDatabase()
  const first = [startInstance(database), startInstance(database)]
  const before = await Promise.all(first.map(({ peerId }) => peerId))
  await Promise.all(first.map((instance) => instance.stop()))
  const after = await Promise.all([startInstance(database), startInstance(database)].map(({ peerId }) => peerId))
  expect(after.toSorted()).toEqual(before.toSorted())
})

test('an instance that finds no free key in a full pool says so, and takes the one that is given back', async () => {
  const database = await createDatabase()
  const holder = startInstance(database, { IDENTITY_POOL_MAX: '1' })
  const peerId = await holder.peerId
  const waiting = startInstance(database, { IDENTITY_POOL_MAX: '1' })
  await eventually(() => expect(waiting.said()).toMatch(/^all 1 identities of the pool are held or reserved, and identity_pool_max \(1\)/))
  expect(waiting.isReady()).toBe(false)
  await holder.stop()
  expect(await waiting.peerId).toBe(peerId)
  expect(await waiting.metric('bridge_identity_held')).toBe(1)
})

test('an encryption key that is not the one of the pool is refused in one sentence', async () => {
  const database = await createDatabase()
  await startInstance(database).peerId
  const stranger = startInstance(database, { IDENTITY_ENCRYPTION_KEY: '11'.repeat(32) })
  await expect(stranger.taken).rejects.toThrow(/^identity_encryption_key opens none of the 1 keys that the pool of node-a has/)
})

test('two bridges in one database have pools of their own', async () => {
  const database = await createDatabase()
  await startInstance(database).peerId
  const other = startInstance(database, { BRIDGE_ID: 'node-b', IDENTITY_ENCRYPTION_KEY: '11'.repeat(32) })
  expect(await other.peerId).toMatch(/^12D3KooW/)
})

test('the pool is looked after from the command line', async () => {
  const environment = { BRIDGE_ID: 'node-a', BANLIST_DB: await createDatabase(), IDENTITY_ENCRYPTION_KEY: ENCRYPTION_KEY }
  const identities = (...words: string[]) => runCli(['identities', ...words], environment)
  expect(await identities('list')).toMatchObject({ exitCode: 0, err: expect.stringContaining('The pool has no keys yet') })
  const added = await identities('add', '--advertise', 'p2p.example.org:19905|2001:db8::7', '--instance', 'gb-1')
  expect(added.out).toMatch(/^12D3KooW\w+ is in the pool: the instance gb-1 takes it at its next start\.\n$/)
  const [peerId = ''] = added.out.split(' ')
  const other = startInstance(environment.BANLIST_DB, { INSTANCE_ID: 'gb-0' })
  expect(await other.peerId).not.toBe(peerId)
  const own = await startInstance(environment.BANLIST_DB, { INSTANCE_ID: 'gb-1' }).taken
  expect(own).toMatchObject({ identity: { peerId }, advertiseAddresses: ['p2p.example.org:19905', '2001:db8::7'] })
  const listed = (await identities('list')).out.split('\n').find((line) => line.startsWith(peerId))
  expect(listed).toMatch(/ held by gb-1 on .* since .*, only for gb-1, announces p2p\.example\.org:19905 and 2001:db8::7, added /)
})

test('a retired key stays with its holder, and no start takes it', async () => {
  const environment = { BRIDGE_ID: 'node-a', BANLIST_DB: await createDatabase(), IDENTITY_ENCRYPTION_KEY: ENCRYPTION_KEY }
  const identities = (...words: string[]) => runCli(['identities', ...words], environment)
  const holder = startInstance(environment.BANLIST_DB, { INSTANCE_ID: 'gb-0' })
  const peerId = await holder.peerId
  const retired = await identities('retire', peerId)
  expect(retired.out).toMatch(
    new RegExp(`^${peerId} is retired: .* Right now it is held by gb-0 on .*, which keeps it until it stops\\.\n$`),
  )
  expect(holder.fatal()).toBeUndefined()
  await holder.stop()
  expect(await startInstance(environment.BANLIST_DB, { INSTANCE_ID: 'gb-0' }).peerId).not.toBe(peerId)
  expect((await identities('list', '--json')).out).toContain(`{"peerId":"${peerId}","state":"retired"`)
  expect(await identities('retire', '12D3KooWESmhNAN8s6NPdGNvJH3zJ4wMKDxapXKNUe2DzkAwKYqK')).toMatchObject({
    exitCode: 1,
    err: expect.stringContaining('The pool has no key 12D3KooWESmh'),
  })
})

test("a key of one's own is added from standard input, once, and never from a pool that does not open", async () => {
  const environment = { BRIDGE_ID: 'node-a', BANLIST_DB: await createDatabase(), IDENTITY_ENCRYPTION_KEY: ENCRYPTION_KEY }
  const seed = '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60'
  const key = `${seed}d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a`
  const add = (input: string, more: Record<string, string> = {}) =>
    runCli(['identities', 'add', '--key-file', '-'], { ...environment, ...more }, { input: `${input}\n` })
  const { out, exitCode } = await add(key)
  expect(exitCode).toBe(0)
  expect(out).not.toContain(seed)
  expect(await startInstance(environment.BANLIST_DB).peerId).toBe(out.split(' ')[0])
  expect(await add(key)).toMatchObject({ exitCode: 1, err: expect.stringContaining('already, or had it: nothing changed') })
  expect(await add('abcd')).toMatchObject({ exitCode: 1, err: expect.stringMatching(/^the key has 2 bytes: it must be an Ed25519 key/) })
  const stranger = { IDENTITY_ENCRYPTION_KEY: '11'.repeat(32) }
  expect(await add('', stranger)).toMatchObject({ exitCode: 1 })
  expect(await runCli(['identities', 'add'], { ...environment, ...stranger })).toMatchObject({
    exitCode: 1,
    err: expect.stringContaining('identity_encryption_key opens none of the 1 keys'),
  })
})
