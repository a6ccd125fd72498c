import { createLocalJWKSet } from 'jose'
import { expect, test } from 'vitest'
import { jwtCheck } from '../../../../src/websocket/tokens/jwt-check.ts'
import { createTestClock } from '../../../support/test-clock.ts'
import { createTokenIssuer } from '../../../support/token-issuer.ts'

const clock = createTestClock()
const now = clock.wall() / 1000
const CLAIMS = { iss: 'https://login.example.org', aud: 'gossip-bridge', exp: now + 600 }
const OPTIONS = { issuer: CLAIMS.iss, audience: CLAIMS.aud, algorithms: ['ES256', 'EdDSA'] }
const issuer = await createTokenIssuer('one')
const stranger = await createTokenIssuer('one')
const check = jwtCheck(OPTIONS, { keys: { current: () => createLocalJWKSet(issuer.keySet) }, clock })

test('a token of the issuer is good until it expires, with five seconds for clocks that differ', async () => {
  expect(await check(await issuer.token(CLAIMS))).toEqual({ refusal: null, expiresAt: (now + 605) * 1000 })
  expect(await check(await issuer.token({ ...CLAIMS, aud: ['others', CLAIMS.aud], nbf: now + 4, exp: now - 4 }))).toMatchObject({
    refusal: null,
  })
})

test.each<[string, Record<string, unknown>, RegExp]>([
  ['another issuer', { iss: 'https://login.example.com' }, /claim iss/],
  ['another audience', { aud: 'others' }, /claim aud/],
  ['no audience', { aud: undefined }, /claim aud/],
  ['no expiry', { exp: undefined }, /claim exp/],
  ['a time before it is good', { nbf: now + 60 }, /claim nbf/],
])('a token with %s is refused', async (_what, claims, text) => {
  expect(await check(await issuer.token({ ...CLAIMS, ...claims }))).toEqual({ refusal: 'wrong', text: expect.stringMatching(text) })
})

test('a token that has expired is refused by that word', async () => {
  expect(await check(await issuer.token({ ...CLAIMS, exp: now - 6 }))).toMatchObject({ refusal: 'expired' })
})

test('a token with another signature, key or algorithm is refused', async () => {
  expect(await check(await stranger.token(CLAIMS))).toMatchObject({ refusal: 'wrong', text: expect.stringContaining('signature') })
  const unknown = await createTokenIssuer('two')
  expect(await check(await unknown.token(CLAIMS))).toMatchObject({
    refusal: 'wrong',
    text: expect.stringContaining('no key'),
  })
  const onlyRsa = jwtCheck({ ...OPTIONS, algorithms: ['RS256'] }, { keys: { current: () => createLocalJWKSet(issuer.keySet) }, clock })
  expect(await onlyRsa(await issuer.token(CLAIMS))).toMatchObject({ refusal: 'wrong', text: expect.stringContaining('algorithm') })
})

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

test.each([
  ['no signature', `${part({ alg: 'none' })}.${part(CLAIMS)}.`],
  ['a secret as its key', `${part({ alg: 'HS256', kid: 'one' })}.${part(CLAIMS)}.${part('x')}`],
  ['no parts', 'abc'],
  ['too many parts', 'a.b.c.d.e'],
  ['no JSON', '!!.!!.!!'],
  ['a claim of the wrong kind', `${part({ alg: 'ES256', kid: 'one' })}.${part({ ...CLAIMS, exp: 'never' })}.AA`],
])('a token with %s is refused, and not repeated in the reason', async (_what, token) => {
  const verdict = await check(token)
  expect(verdict).toMatchObject({ refusal: 'wrong' })
  expect(JSON.stringify(verdict)).not.toContain(token)
})

test('a token that names no key is tried with each', async () => {
  const keys = [...stranger.keySet.keys, ...issuer.keySet.keys].map(({ kid: _kid, ...key }) => key)
  const both = jwtCheck(OPTIONS, { keys: { current: () => createLocalJWKSet({ keys }) }, clock })
  expect(await both(await issuer.token(CLAIMS, { namesKey: false }))).toMatchObject({ refusal: null })
  const another = await createTokenIssuer('three')
  expect(await both(await another.token(CLAIMS, { namesKey: false }))).toMatchObject({ refusal: 'wrong' })
})
