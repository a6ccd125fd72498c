import { expect, test, vi } from 'vitest'
import { RetryLaterError } from '../../../../src/messages/errors.ts'
import { KEY, OTHER, PEER, startService } from './start-service.ts'

const DAY_S = 86_400
const inSeconds = (seconds: number) => Math.floor(Date.now() / 1000) + seconds

test('BanPeer takes an address, a CIDR or a peer id in any spelling, until a time in seconds', async () => {
  const { ask, bans } = await startService()
  const until = inSeconds(3600)
  for (const addr of ['203.0.113.9:9905', '::ffff:198.51.100.4', '10.1.2.3/8', PEER])
    expect(await ask('BanPeer', { addr, until: String(until) })).toEqual({ ok: true })
  expect(bans.list().map(({ key }) => key)).toEqual(['203.0.113.9', '198.51.100.4', '10.0.0.0/8', PEER])
  expect(new Set(bans.list().map((ban) => ban.until))).toEqual(new Set([until * 1000]))
})

test('BanPeer with until 0 takes the default length; after the year 9999 it is for good', async () => {
  const { ask, bans } = await startService()
  await ask('BanPeer', { addr: '203.0.113.1', until: '0' })
  await ask('BanPeer', { addr: '203.0.113.2', until: '9223372036854775807' })
  const [first, second] = bans.list()
  expect(Number(first?.until) / 1000).toBeGreaterThan(inSeconds(DAY_S - 60))
  expect(second?.until).toBeNull()
})

test.each([
  ['an end in the past', { addr: '203.0.113.1', until: '1000000000' }, /in the future/],
  ['milliseconds before 1970', { addr: '203.0.113.1', until: '-1' }, /until is -1/],
  ['no address', { addr: '', until: '0' }, /the ban key is empty/],
  ['a host name', { addr: 'node.example.org', until: '0' }, /no IP address, CIDR or peer id/],
  ['leading zeros', { addr: '010.1.2.3', until: '0' }, /no IP address/],
  ['a prefix that is too long', { addr: '10.0.0.0/33', until: '0' }, /prefix length/],
  ['a multiaddress', { addr: '/ip4/10.0.0.1/tcp/1', until: '0' }, /multiaddress/],
])('BanPeer with %s is refused with a sentence, and nothing changes', async (_what, request, message) => {
  const { ask, bans } = await startService()
  expect(await ask('BanPeer', request)).toEqual({ failure: 'INVALID_ARGUMENT', message: expect.stringMatching(message) })
  expect(bans.list()).toEqual([])
})

test('a ban by gRPC is listed, found, lifted, and leaves audit lines with who asked', async () => {
  const { ask, lines } = await startService()
  await ask('BanPeer', { addr: '10.0.0.0/8', until: '0' }, { actor: 'ops\n' })
  await ask('BanPeer', { addr: OTHER, until: '0' })
  expect(await ask('ListBanned')).toEqual({ banned: ['10.0.0.0/8', OTHER] })
  expect(await ask('IsBanned', { ipOrSubnet: '10.9.8.7' })).toEqual({ isBanned: true })
  expect(await ask('IsBanned', { ipOrSubnet: '11.9.8.7' })).toEqual({ isBanned: false })
  expect(await ask('IsBanned', { ipOrSubnet: 'nobody' })).toMatchObject({ failure: 'INVALID_ARGUMENT' })
  expect(await ask('UnbanPeer', { addr: '10.1.1.1/8' })).toEqual({ ok: true })
  expect(await ask('UnbanPeer', { addr: '10.1.1.1/8' })).toEqual({ ok: true })
  expect(await ask('ClearBanned')).toEqual({ ok: true })
  expect(await ask('ListBanned')).toEqual({ banned: [] })
  const audit = lines.filter(({ msg }) => String(msg).startsWith('audit'))
  expect(audit[0]).toMatchObject({ door: 'grpc', address: '198.51.100.9', actor: 'ops?', action: 'add', key: '10.0.0.0/8', changed: true })
  expect(audit).toHaveLength(5)
})

test('AddBanScore charges the peer with the reason; an unknown reason and an odd peer id are refused', async () => {
  const charge = vi.fn(async () => 'charged')
  const { ask, lines } = await startService({ scores: { points: {}, charge } })
  expect(await ask('AddBanScore', { peer_id: PEER, reason: 'spam' })).toEqual({ ok: true })
  expect(charge).toHaveBeenCalledWith({
    peerId: PEER,
    reason: 'spam',
    cause: expect.stringMatching(/^grpc:/),
    evidence: { door: 'grpc', address: '198.51.100.9', actor: null },
  })
  expect(lines.at(-1)).toMatchObject({ action: 'add-score', peerId: PEER, reason: 'spam', outcome: 'charged' })
  for (const reason of ['', 'unknown', 'toString'])
    expect(await ask('AddBanScore', { peer_id: PEER, reason })).toMatchObject({
      failure: 'INVALID_ARGUMENT',
      message: expect.stringContaining('protocol_violation'),
    })
  expect(await ask('AddBanScore', { peer_id: 'me', reason: 'spam' })).toMatchObject({ failure: 'INVALID_ARGUMENT' })
  expect(charge).toHaveBeenCalledTimes(1)
})

test('without a database AddBanScore says which setting is missing', async () => {
  const { ask } = await startService()
  expect(await ask('AddBanScore', { peer_id: PEER, reason: 'spam' })).toEqual({
    failure: 'FAILED_PRECONDITION',
    message: expect.stringContaining('banlist_db'),
  })
})

test('while the ban list cannot be changed the answer is UNAVAILABLE', async () => {
  const { ask } = await startService({
    change: async () => {
      throw new Error('the database is away')
    },
  })
  const answer = await ask('BanPeer', { addr: '203.0.113.1', until: '0' })
  expect(answer).toEqual({ failure: 'UNAVAILABLE', message: expect.stringContaining('the database is away') })
})

test('a change needs the key, reading does not; refusals are counted', async () => {
  const { ask, bans, metric } = await startService()
  const request = { addr: '203.0.113.1', until: '0' }
  expect(await ask('BanPeer', request, { key: undefined })).toMatchObject({ failure: 'UNAUTHENTICATED' })
  expect(await ask('BanPeer', request, { key: `${KEY}x` })).toMatchObject({ failure: 'UNAUTHENTICATED' })
  expect(await ask('ListBanned', {}, { key: undefined })).toEqual({ banned: [] })
  expect(bans.list()).toEqual([])
  const refused = (await metric('bridge_grpc_refused_total')).map(({ labels, value }) => [labels.reason, value])
  expect(refused).toEqual([
    ['missing', 1],
    ['wrong', 1],
  ])
  const calls = (await metric('bridge_grpc_calls_total')).map(({ labels, value }) => [labels.method, labels.status, value])
  expect(calls).toEqual([
    ['BanPeer', 'UNAUTHENTICATED', 2],
    ['ListBanned', 'OK', 1],
  ])
})

test('guessing is slowed down; without a key in the settings nothing can be changed', async () => {
  const { ask } = await startService()
  const answers: unknown[] = []
  for (let guess = 0; guess < 12; guess++) answers.push((await ask('ClearBanned', {}, { key: `guess-${guess}` })).failure)
  expect(answers).toEqual([...Array(10).fill('UNAUTHENTICATED'), 'RESOURCE_EXHAUSTED', 'RESOURCE_EXHAUSTED'])
  const open = await startService({ key: '' })
  expect(await open.ask('ClearBanned', {}, { key: 'x' })).toEqual({
    failure: 'PERMISSION_DENIED',
    message: expect.stringContaining('grpc_admin_api_key'),
  })
})

test('a scores store that is away makes a charge UNAVAILABLE, and the report of malice does not count', async () => {
  const charge = async () => {
    throw new RetryLaterError('the scores cannot be changed now')
  }
  const { ask } = await startService({ scores: { points: {}, charge } })
  expect(await ask('RecordCatchupMalicious', { peer_id: PEER })).toMatchObject({ failure: 'UNAVAILABLE' })
  expect(await ask('IsPeerMalicious', { peer_id: PEER })).toEqual({ is_malicious: false, reason: '' })
})
