import { expect, test } from 'vitest'
import { allowList, identityJson, identityLine, isShown } from '../../../../src/cli/identities/identity-line.ts'
import { runProgram } from '../../../../src/cli/program.ts'
import { createFakeHost } from '../../../support/bridge/fake-host.ts'

type Row = Parameters<typeof identityLine>[0]

const ROW: Row = {
  peerId: '12D3KooWa',
  sealedKey: Buffer.of(1),
  advertiseAddresses: null,
  reservedFor: null,
  createdAt: new Date(0),
  retiredAt: null,
  isLocked: false,
  holder: null,
  leaseLeftMs: 0,
}
/** Seed and public key of RFC 8032's first test. */
const PRIVATE_KEY =
  '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a'
const holder = { instanceId: 'gb-0', host: 'machine', since: new Date(1000) }

async function run(words: string[], environment: Record<string, string> = {}) {
  const host = createFakeHost(environment)
  const code = await runProgram(['identities', ...words], host)
  return { code, err: host.err() }
}

test.each<[string, Partial<Row>, string, string]>([
  ['nobody', {}, 'free, added 1970-01-01T00:00:00.000Z', 'free'],
  ['its last holder until the lease ends', { holder, leaseLeftMs: 1001 }, 'kept for gb-0 on machine for 2 s yet', 'kept'],
  ['its holder', { holder, isLocked: true }, 'held by gb-0 on machine since 1970-01-01T00:00:01.000Z', 'held'],
  ['nobody any more', { holder, retiredAt: new Date(2000) }, 'retired 1970-01-01T00:00:02.000Z', 'retired'],
  [
    'its holder for the last time',
    { holder, isLocked: true, retiredAt: new Date(2000) },
    'retired 1970-01-01T00:00:02.000Z, held by gb-0',
    'held',
  ],
  ['one instance only', { reservedFor: 'gb-1', advertiseAddresses: ['a:1', 'b'] }, 'free, only for gb-1, announces a:1 and b', 'free'],
])('a key that is for %s', (_whom, more, line, state) => {
  expect(identityLine({ ...ROW, ...more })).toContain(`12D3KooWa ${line}`)
  expect(JSON.parse(identityJson({ ...ROW, ...more }))).toMatchObject({
    state,
    holder: state === 'held' || state === 'kept' ? { instanceId: 'gb-0' } : null,
  })
})

test('a key of the settings is shown while an instance holds it', () => {
  const configured = { ...ROW, sealedKey: null, createdAt: null, holder }
  expect(isShown(configured)).toBe(false)
  expect(isShown({ ...configured, isLocked: true })).toBe(true)
  expect(identityLine({ ...configured, isLocked: true })).toMatch(/held by gb-0 on machine since .*, from p2p_private_key$/)
})

test('the allow-list has every peer id that an instance has or may get, once', () => {
  const rows = [
    { ...ROW, peerId: 'free' },
    { ...ROW, peerId: 'held', isLocked: true, holder },
    { ...ROW, peerId: 'retired', retiredAt: new Date(0) },
    { ...ROW, peerId: 'retired-and-held', retiredAt: new Date(0), isLocked: true, holder },
    { ...ROW, peerId: 'of-the-settings', sealedKey: null, isLocked: true, holder },
    { ...ROW, peerId: 'of-the-settings-once', sealedKey: null, holder },
  ]
  expect(allowList(rows, ['own', 'held'])).toBe('free|held|of-the-settings|own|retired-and-held')
})

test('without a pool the allow-list is the configured key', async () => {
  const host = createFakeHost({ P2P_PRIVATE_KEY: PRIVATE_KEY })
  expect(await runProgram(['identities', 'list', '--as-allow-list'], host)).toBe(0)
  expect(host.out()).toMatch(/^12D3KooW\w{44}\n$/)
})

const DATABASE = { BANLIST_DB: 'postgres://localhost:1/none' }

test.each<[string, string[], Record<string, string>, RegExp]>([
  ['no database', ['list'], {}, /^banlist_db is not set: it names the Postgres database in which the keys are kept\.\n$/],
  ['no encryption key', ['add'], DATABASE, /^identity_encryption_key is not set, and no key is kept unencrypted\. .*openssl rand -hex 32/],
  [
    'no such file',
    ['add', '--key-file', '/nowhere'],
    { ...DATABASE, IDENTITY_ENCRYPTION_KEY: 'ab'.repeat(32) },
    /^The key cannot be read from "\/nowhere": ENOENT/,
  ],
  ['what is no peer id', ['retire', 'me'], DATABASE, /it takes a peer id such as 12D3KooW/],
  ['what is no address', ['add', '--advertise', 'a b'], DATABASE, /it takes addresses such as node\.example\.org/],
  ['what is no name', ['add', '--instance', 'a b'], DATABASE, /it takes an instance_id: letters, digits/],
])('%s is reported with what to do', async (_what, words, environment, expected) => {
  expect(await run(words, environment)).toMatchObject({ code: 1, err: expect.stringMatching(expected) })
})
