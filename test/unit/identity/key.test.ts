import { createPublicKey, verify } from 'node:crypto'
import { privateKeyToProtobuf } from '@libp2p/crypto/keys'
import { base58btc } from 'multiformats/bases/base58'
import { expect, test } from 'vitest'
import { ephemeralIdentity, identityFromText, peerIdOf, WrongKeyError } from '../../../src/identity/key.ts'
import { toTeranodeHex } from '../../support/private-key.ts'

const seed = '07'.repeat(32)
const publicKey = 'ea4a6c63e29c520abef5507b132ec5f9954776aebebe7b92421eea691446d22c'
const protobuf = `08011240${seed}${publicKey}`
/** Teranode's rule: base58 of 00 24 08 01 12 20 and the public key. */
const peerId = base58btc.encode(Buffer.from(`002408011220${publicKey}`, 'hex')).slice(1)

test.each([
  ['seed and public key', seed + publicKey],
  ['seed and twice the public key', seed + publicKey + publicKey],
  ["libp2p's own encoding", protobuf],
  ['capitals and blanks around', ` ${(seed + publicKey).toUpperCase()}\n`],
])('accepts a key as %s', async (_, text) => {
  const identity = await identityFromText(text)
  expect(identity).toMatchObject({ peerId, isEphemeral: false })
  expect(identity.peerId).toMatch(/^12D3KooW/)
  expect(toTeranodeHex(identity)).toBe(seed + publicKey)
})

test.each([
  ['no hexadecimal', 'zz'.repeat(64), 'is not hexadecimal'],
  ['nothing', '', 'is not hexadecimal'],
  ['an odd number of characters', (seed + publicKey).slice(1), 'is not hexadecimal'],
  ['a seed alone', seed, 'has 32 bytes'],
  ['too much', `${seed}${publicKey}${publicKey}00`, 'has 97 bytes'],
  ['a foreign public half', seed + '11'.repeat(32), 'does not belong to its seed'],
  ['a foreign second public half', seed + publicKey + '11'.repeat(32), 'does not belong to its seed'],
])('refuses %s, naming the setting and never showing the value', async (_, text, why) => {
  const error = await identityFromText(text).catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(WrongKeyError)
  expect(String(error)).toContain('p2p_private_key')
  expect(String(error)).toContain(why)
  if (text !== '') expect(String(error)).not.toContain(text.slice(0, 16))
})

test('signs like libp2p', async () => {
  const { privateKey } = await identityFromText(seed + publicKey)
  const message = Buffer.from('libp2p-pubsub:x')
  const signature = await privateKey.sign(message)
  const key = createPublicKey({
    format: 'jwk',
    key: { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(publicKey, 'hex').toString('base64url') },
  })
  expect(verify(null, message, key, signature)).toBe(true)
  expect(await privateKey.publicKey.verify(message, signature)).toBe(true)
  expect(Buffer.from(privateKeyToProtobuf(privateKey)).toString('hex')).toBe(protobuf)
})

test('creates a new key each time, which can be set as p2p_private_key', async () => {
  const one = await ephemeralIdentity()
  const two = await ephemeralIdentity()
  expect(one.isEphemeral).toBe(true)
  expect(one.peerId).not.toBe(two.peerId)
  expect(peerIdOf(one.privateKey)).toBe(one.peerId)
  expect((await identityFromText(toTeranodeHex(one))).peerId).toBe(one.peerId)
})
