import { randomBytes } from 'node:crypto'
import { generateKeyPair, publicKeyFromRaw } from '@libp2p/crypto/keys'
import { expect, test } from 'vitest'
import { createSign, createVerify, signWithSodium, verifyWithSodium } from '../../../../src/gossip/node/signatures.ts'

const MESSAGE = Buffer.from('libp2p-pubsub:a message')

async function signed() {
  const key = await generateKeyPair('Ed25519')
  return { key: publicKeyFromRaw(key.publicKey.raw), signature: await key.sign(MESSAGE) }
}

test('with libsodium a signature is valid for its message and its key, and for no other', async () => {
  const before = Object.getPrototypeOf((await signed()).key).verify
  await verifyWithSodium()
  await verifyWithSodium() // a second node of the process
  const { key, signature } = await signed()
  expect(Object.getPrototypeOf(key).verify).not.toBe(before)
  expect(await key.verify(MESSAGE, signature)).toBe(true)
  for (let bit = 0; bit < 64 * 8; bit += 37) {
    const changed = Uint8Array.from(signature)
    changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))
    expect(await key.verify(MESSAGE, changed)).toBe(false)
  }
  expect(await key.verify(Buffer.concat([MESSAGE, MESSAGE]), signature)).toBe(false)
  expect(await (await signed()).key.verify(MESSAGE, signature)).toBe(false)
})

test('a signature of another length is an error, as without libsodium', async () => {
  const { key, signature } = await signed()
  const openSsl = Object.getPrototypeOf(key).verify
  const verify = createVerify(() => true, openSsl)
  for (const length of [0, 63, 65]) {
    const wrong = Buffer.concat([signature, signature]).subarray(0, length)
    expect(() => verify.call(key, MESSAGE, wrong)).toThrow('"sig" must be 64 bytes')
  }
})

test('what libsodium refuses is decided by OpenSSL', async () => {
  const { key, signature } = await signed()
  const asked: Uint8Array[] = []
  const strict = createVerify(
    () => false,
    (data) => asked.push(data as Uint8Array) > 0,
  )
  expect(strict.call(key, MESSAGE, signature)).toBe(true)
  expect(asked).toEqual([MESSAGE])
})

test.each([0, 1, 300, 65_536])('libsodium signs %i bytes as OpenSSL does', async (length) => {
  const key = await generateKeyPair('Ed25519')
  const message = randomBytes(length)
  const list = { subarray: () => message } as unknown as Parameters<typeof key.sign>[0]
  const byOpenSsl = await key.sign(message)
  await signWithSodium(key)
  expect(await key.sign(message)).toEqual(Uint8Array.from(byOpenSsl))
  expect(await key.sign(list)).toEqual(Uint8Array.from(byOpenSsl))
})

test('each signature has bytes of its own', async () => {
  const key = await generateKeyPair('Ed25519')
  await signWithSodium(key)
  const first = await key.sign(MESSAGE)
  const copy = Uint8Array.from(first)
  await key.sign(Buffer.from('another'))
  expect(first).toEqual(copy)
})

test('an aborted signature throws', () => {
  const sign = createSign(() => {}, new Uint8Array(64))
  expect(() => sign(MESSAGE, { signal: AbortSignal.abort(new Error('stopped')) })).toThrow('stopped')
})

test('an aborted verification throws', async () => {
  const { key, signature } = await signed()
  const verify = createVerify(
    () => true,
    () => true,
  )
  expect(() => verify.call(key, MESSAGE, signature, { signal: AbortSignal.abort(new Error('stopped')) })).toThrow('stopped')
})
