import { generateKeyPairSync } from 'node:crypto'
import { expect, test } from 'vitest'
import { judgeTokenKeys } from '../../../src/doctor/host/token-keys.ts'
import { keySetFacts } from '../../../src/websocket/tokens/key-set-facts.ts'

const jwkOf = ({ publicKey }: ReturnType<typeof generateKeyPairSync>) => publicKey.export({ format: 'jwk' })
const EC = jwkOf(generateKeyPairSync('ec', { namedCurve: 'P-256' }))
const ED = jwkOf(generateKeyPairSync('ed25519'))
const SMALL_RSA = jwkOf(generateKeyPairSync('rsa', { modulusLength: 1024 }))

function judged(keys: readonly object[], algorithms = ['RS256', 'ES256', 'EdDSA']): string {
  return judgedText(JSON.stringify({ keys }), algorithms)
}

function judgedText(text: string, algorithms = ['ES256']): string {
  const factsOf = (read: string) => keySetFacts({ text: read, algorithms })
  const { grade, reason } = judgeTokenKeys({ file: '/keys' }, { readFile: () => text, factsOf })
  return `${grade} ${reason}`
}

test('keys that can check tokens, with and without an algorithm', () => {
  expect(judged([{ ...EC, kid: 'a' }])).toBe('ok 1 key of ws_auth_jwks_file /keys can check tokens')
  expect(judged([{ ...EC, alg: 'ES256', use: 'sig', key_ops: ['verify'] }, ED])).toMatch(/^ok 2 keys/)
})

test.each([
  [{ ...EC, kid: 'a', alg: 'ES384' }, 'key "a" has the algorithm "ES384", which its kind does not have'],
  [{ ...EC, use: 'enc' }, 'key 1 is for another use ("enc") than signatures'],
  [{ ...EC, key_ops: ['sign'] }, 'key 1 has key_ops without "verify"'],
  [{ ...EC, x: 'AAAA' }, 'key 1 is damaged: its numbers are no public key'],
  [{ ...SMALL_RSA, kid: 'r' }, 'key "r" has 1024 bits, and RSA needs 2048'],
  [{ kty: 'OKP', crv: 'X25519', x: 'AAAA' }, 'key 1 has the kind "X25519", which checks no token here'],
])('a key that cannot, %#', (key, fault) => {
  expect(judged([key])).toBe(`fail no key of ws_auth_jwks_file /keys can check a token: ${fault}`)
  expect(judged([key, ED])).toMatch(/^warn 1 key of .* can check tokens; not usable: key/)
})

test('keys of algorithms that are not listed', () => {
  expect(judged([ED], ['ES256'])).toContain('key 1 is for EdDSA, Ed25519, which ws_auth_algorithms does not list')
})

test.each([
  ['{"keys":[', 'is not JSON'],
  ['{"keys":[]}', 'is no JSON Web Key Set'],
  [JSON.stringify({ keys: [{ kty: 'oct', k: 'AAAA' }] }), 'holds a private or symmetric key'],
])('no set of public keys: %s', (text, fault) => {
  expect(judgedText(text)).toContain(`fail ws_auth_jwks_file /keys ${fault}`)
})

test('a file that is not there', () => {
  const readFile = () => {
    throw new Error('ENOENT: no such file')
  }
  const { grade, reason } = judgeTokenKeys({ file: '/keys' }, { readFile, factsOf: () => ({ usable: 1, unusable: [] }) })
  expect([grade, reason]).toEqual(['fail', 'ws_auth_jwks_file /keys cannot be read: ENOENT: no such file'])
})
