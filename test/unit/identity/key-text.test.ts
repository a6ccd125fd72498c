import { expect, test } from 'vitest'
import { formatKey, generateKey, parseKey, peerIdOfKey } from '../../../src/identity/key-text.ts'

/** Keys of demonstration nodes that Teranode publishes with its default settings, and their peer ids. */
const KNOWN_PAIRS = [
  [
    'c8a1b91ae120878d91a04c904e0d565aa44b2575c1bb30a729bd3e36e2a1d5e6067216fa92b1a1a7e30d0aaabe288e25f1efc0830f309152638b61d84be6b71d',
    '12D3KooWAFXWuxgdJoRsaA4J4RRRr8yu6WCrAPf8FaS7UfZg3ceG',
  ],
  [
    '89a2d8acf5b2e60fd969914c326c63cde50675a47897c0eaacc02eb6ff8665585d4d059f977910472bcb75040617632019cc0749443fdc66d331b61c8cfb4b0f',
    '12D3KooWG6aCkDmi5tqx4G4AvVDTQdSVvTSzzQvk1vh9CtSR8KEW',
  ],
  [
    'd77a7cac7833f2c0263ed7b9aaeb8dda1effaf8af948d570ed8f7a93bd3c418d6efee7bdd82ddb80484be84ba0c78ea07251a3ba2b45b2b3367fd5e2f0284e7c',
    '12D3KooWHHeTM3aK4s9DKS6DQ7SbBb7czNyJsPZtQiUKa4fduMB9',
  ],
] as const

const read = (text: string) => {
  const key = parseKey(text)
  return 'fault' in key ? key.fault : `${formatKey(key)} ${peerIdOfKey(key)}`
}

test.each(KNOWN_PAIRS)('the known key %s has the peer id %s, in every form', (hex, peerId) => {
  const protobuf = `08011240${hex}`
  const forms = [
    hex,
    hex.toUpperCase(),
    ` ${hex}\n`,
    hex + hex.slice(64),
    protobuf,
    `\\x${protobuf}`,
    Buffer.from(protobuf, 'hex').toString('base64'),
  ]
  for (const form of forms) expect(read(form), form).toBe(`${hex} ${peerId}`)
})

const [[hex]] = KNOWN_PAIRS
test.each([
  ['nothing', '', 'is not hexadecimal'],
  ['words', 'my secret key', 'is not hexadecimal'],
  ['base64 of something else', Buffer.from(hex, 'hex').toString('base64'), 'is not hexadecimal'],
  ['a seed alone', hex.slice(0, 64), 'has 32 bytes'],
  ['two keys of which the second belongs to none', hex + '11'.repeat(32), 'has a public half that does not belong to its seed'],
  ['a key with one wrong digit', `0${hex.slice(1)}`, 'has a public half that does not belong to its seed'],
])('does not read %s', (_, text, fault) => {
  expect(read(text)).toBe(fault)
})

test('a new key can be read, and is another each time', () => {
  const [one, two] = [generateKey(), generateKey()]
  expect(read(formatKey(one))).toBe(`${formatKey(one)} ${peerIdOfKey(one)}`)
  expect(peerIdOfKey(one)).toMatch(/^12D3KooW/)
  expect(formatKey(one)).not.toBe(formatKey(two))
})
