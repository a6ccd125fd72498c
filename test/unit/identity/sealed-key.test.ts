import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { openSealedKey, sealKey } from '../../../src/identity/sealed-key.ts'
import { fc } from '../../support/properties.ts'

const key = randomBytes(32)
const owner = { bridgeId: 'node-a', peerId: '12D3KooWa' }
const secret = randomBytes(64)

test('a sealed key opens again, and is sealed differently each time', () => {
  const [one, other] = [sealKey(secret, key, owner), sealKey(secret, key, owner)]
  expect(openSealedKey(one, key, owner)).toEqual(secret)
  expect(one.equals(other)).toBe(false)
  expect(one.includes(secret.subarray(0, 8))).toBe(false)
})

test.each([
  ['another key', randomBytes(32), owner],
  ['another bridge', key, { ...owner, bridgeId: 'node-b' }],
  ['another peer id', key, { ...owner, peerId: '12D3KooWb' }],
])('a sealed key does not open with or for %s', (_what, otherKey, otherOwner) => {
  expect(openSealedKey(sealKey(secret, key, owner), otherKey, otherOwner)).toBeUndefined()
})

test('a sealed key does not open when one byte was altered, or when it was truncated', () => {
  const sealed = sealKey(secret, key, owner)
  fc.assert(
    fc.property(fc.nat(sealed.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
      const altered = Buffer.from(sealed)
      altered[at] = (altered[at] ?? 0) ^ flip
      expect(openSealedKey(altered, key, owner)).toBeUndefined()
      expect(openSealedKey(sealed.subarray(0, at), key, owner)).toBeUndefined()
    }),
  )
})
