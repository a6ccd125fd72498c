import { expect, test } from 'vitest'
import { RetryLaterError } from '../../../src/messages/errors.ts'
import { PEER, startApi } from './start-api.ts'

test('a ban is added, listed, checked, removed, and each answer says what changed', async () => {
  const { ask, bans } = await startApi()
  const added = await ask('POST', '/v1/bans', { body: { key: '203.0.113.7', durationSeconds: 3600, reason: 'spam' } })
  expect(added).toMatchObject({ status: 200, body: { action: 'add', key: '203.0.113.7', reason: 'spam', changed: true } })
  expect(added.body.sentence).toMatch(/^203\.0\.113\.7 is banned until .*, because "spam"\.$/)
  expect(bans.isBanned({ address: '203.0.113.7' })).toBe(true)
  expect(await ask('GET', '/v1/bans')).toMatchObject({ status: 200, body: { total: 1, next: null, bans: [{ key: '203.0.113.7' }] } })
  expect((await ask('GET', '/v1/bans/203.0.113.7')).body).toMatchObject({ banned: true, by: { reason: 'spam' } })
  expect((await ask('GET', '/v1/bans/203.0.113.8')).body).toEqual({ key: '203.0.113.8', banned: false, by: null })
  expect((await ask('DELETE', '/v1/bans/203.0.113.7')).body).toMatchObject({ changed: true, sentence: '203.0.113.7 is no longer banned.' })
  expect((await ask('DELETE', '/v1/bans/203.0.113.7')).body).toMatchObject({
    changed: false,
    sentence: expect.stringContaining('nothing changed'),
  })
  expect(bans.isBanned({ address: '203.0.113.7' })).toBe(false)
})

test('a ban may be permanent, or end at a time', async () => {
  const { ask } = await startApi()
  expect((await ask('POST', '/v1/bans', { body: { key: PEER, permanent: true } })).body).toMatchObject({ until: null })
  const until = '2090-01-31T12:00:00+01:00'
  expect((await ask('POST', '/v1/bans', { body: { key: '2001:db8::/32', until } })).body).toMatchObject({
    until: '2090-01-31T11:00:00.000Z',
  })
})

test.each([
  ['10.1.2.3/8', '10.0.0.0/8'],
  ['::ffff:203.0.113.7', '203.0.113.7'],
  ['[2001:db8::1]:9905', '2001:db8::1'],
  ['fe80::1%eth0', 'fe80::1'],
  ['203.0.113.7:9905', '203.0.113.7'],
  ['2001:DB8:0:0::1', '2001:db8::1'],
])('the odd address %s has one meaning: %s', async (written, canonical) => {
  const { ask } = await startApi()
  expect((await ask('POST', '/v1/bans', { body: { key: written } })).body).toMatchObject({ key: canonical, changed: true })
  expect((await ask('GET', `/v1/bans/${encodeURIComponent(written)}`)).body).toMatchObject({ key: canonical, banned: true })
  expect((await ask('DELETE', `/v1/bans/${encodeURIComponent(canonical)}`)).body).toMatchObject({ changed: true })
})

test('a CIDR in the path needs no escape', async () => {
  const { ask } = await startApi()
  await ask('POST', '/v1/bans', { body: { key: '10.0.0.0/8' } })
  expect((await ask('GET', '/v1/bans/10.0.0.0/8')).body).toMatchObject({ banned: true })
  expect((await ask('GET', '/v1/bans/10.9.0.0/16')).body).toMatchObject({ banned: true, by: { key: '10.0.0.0/8' } })
})

test.each<[unknown, RegExp]>([
  ['{"key":', /not JSON/],
  ['[]', /not a JSON object/],
  ['null', /not a JSON object/],
  [{}, /lacks the field key/],
  [{ key: '' }, /key is empty/],
  [{ key: 7 }, /key is not string/],
  [{ key: '010.0.0.1' }, /no IP address, CIDR or peer id/],
  [{ key: '10.0.0.0/33' }, /prefix length is 0 to 32/],
  [{ key: 'example.org' }, /host names are not banned/],
  [{ key: '/ip4/203.0.113.7/tcp/9905' }, /multiaddress/],
  [{ key: 'x'.repeat(200) }, /200 characters/],
  [{ key: '203.0.113.7', durationSeconds: 0 }, /greater than 0/],
  [{ key: '203.0.113.7', durationSeconds: 1.5 }, /durationSeconds is not integer/],
  [{ key: '203.0.113.7', durationSeconds: 60, permanent: true }, /only one of/],
  [{ key: '203.0.113.7', until: 'tomorrow' }, /until is not a time/],
  [{ key: '203.0.113.7', until: '2090-02-31T00:00:00Z' }, /until is not a time/],
  [{ key: '203.0.113.7', until: '2090-01-31T00:00:00' }, /until is not a time/],
  [{ key: '203.0.113.7', until: '2020-01-01T00:00:00Z' }, /was over/],
  [{ key: '203.0.113.7', duration: '1h' }, /unknown field "duration"/],
  [{ key: '203.0.113.7', __proto__: null, constructor: 1 }, /unknown field "constructor"/],
  [{ key: '203.0.113.7', reason: 'x'.repeat(2000) }, /reason has 2000 characters/],
])('the body %j is refused with a sentence, and nothing changes', async (body, expected) => {
  const { ask, bans } = await startApi()
  const answer = await ask('POST', '/v1/bans', { body })
  expect(answer).toMatchObject({ status: 400, body: { error: expect.stringMatching(expected) } })
  expect(bans.list()).toEqual([])
})

test('the list comes in pages', async () => {
  const { ask } = await startApi()
  for (let at = 0; at < 5; at++) await ask('POST', '/v1/bans', { body: { key: `203.0.113.${at}` } })
  const keys: string[] = []
  for (let after: string | null = ''; after !== null; ) {
    const { body } = await ask('GET', `/v1/bans?limit=2&after=${encodeURIComponent(after)}`)
    keys.push(...body.bans.map(({ key }: { key: string }) => key))
    after = body.next
  }
  expect(keys).toEqual(['203.0.113.0', '203.0.113.1', '203.0.113.2', '203.0.113.3', '203.0.113.4'])
  for (const limit of ['0', '-1', '10001', 'x', '']) expect((await ask('GET', `/v1/bans?limit=${limit}`)).status).toBe(400)
})

test('all bans are lifted only when that is confirmed', async () => {
  const { ask, bans } = await startApi()
  await ask('POST', '/v1/bans', { body: { key: '203.0.113.7' } })
  expect(await ask('DELETE', '/v1/bans')).toMatchObject({ status: 400, body: { error: expect.stringContaining('confirm=all') } })
  expect(bans.list()).toHaveLength(1)
  expect((await ask('DELETE', '/v1/bans?confirm=all')).body).toMatchObject({
    action: 'clear',
    changed: true,
    sentence: 'All bans are lifted.',
  })
})

test('each change leaves a line that says by which door, by whom, and what', async () => {
  const { ask, lines, metric } = await startApi()
  await ask('POST', '/v1/bans', {
    body: { key: '203.0.113.7', reason: 'x' },
    headers: { 'x-api-key': 'a-key-of-more-than-16-characters', 'x-actor': 'alice' },
  })
  const audit = lines.filter(({ msg }) => String(msg).startsWith('audit: '))
  expect(audit).toEqual([
    expect.objectContaining({ door: 'http', address: '127.0.0.1', actor: 'alice', action: 'add', key: '203.0.113.7', changed: true }),
  ])
  expect(JSON.stringify(lines)).not.toContain('a-key-of-more')
  expect(await metric('bridge_ban_commands_total')).toMatchObject([{ labels: { door: 'http', outcome: 'changed' }, value: 1 }])
})

test('while the list cannot be changed, the answer says so and when to come back', async () => {
  const { ask } = await startApi({ change: () => Promise.reject(new RetryLaterError('the database is away')) })
  const answer = await ask('POST', '/v1/bans', { body: { key: '203.0.113.7' } })
  expect(answer).toMatchObject({ status: 503, body: { error: expect.stringContaining('the database is away') } })
  expect(answer.headers.get('retry-after')).toBe('2')
})
