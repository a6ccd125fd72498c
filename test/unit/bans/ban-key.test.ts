import { expect, test } from 'vitest'
import { parseBanKey } from '../../../src/bans/ban-key.ts'
import { BadInputError } from '../../../src/messages/errors.ts'
import { fc } from '../../support/properties.ts'

const ED25519 = '12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp'
const ED25519_CID = 'bafzaajaiaejcbpltl72da5f3y7ojrtsa7hsfn5bbnkjbkwyesziqqtdrdwjmgbjh'
const RSA = 'QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N'
const SECP256K1 = '16Uiu2HAmHAiUtDAbjWAj3yHQjqfhqvyUZTVwWbXwRGqEQFjyC7Uf'

test.each([
  ['192.0.2.1', 'ipv4', '192.0.2.1'],
  [' 192.0.2.1 ', 'ipv4', '192.0.2.1'],
  ['192.0.2.1:8333', 'ipv4', '192.0.2.1'],
  ['192.0.2.77/24', 'ipv4', '192.0.2.0/24'],
  ['192.0.2.1/32', 'ipv4', '192.0.2.1'],
  ['0.0.0.0/0', 'ipv4', '0.0.0.0/0'],
  ['255.255.255.255/1', 'ipv4', '128.0.0.0/1'],
  ['::FFFF:192.0.2.1', 'ipv4', '192.0.2.1'],
  ['::ffff:10.1.2.3/104', 'ipv4', '10.0.0.0/8'],
  ['2001:0DB8::1', 'ipv6', '2001:db8::1'],
  ['[2001:db8::1]:80', 'ipv6', '2001:db8::1'],
  ['2001:db8:1:2:3:4:5:6/33', 'ipv6', '2001:db8::/33'],
  ['2001:db8::1/128', 'ipv6', '2001:db8::1'],
  ['::/0', 'ipv6', '::/0'],
  [ED25519, 'peer', ED25519],
  [RSA, 'peer', RSA],
])('the key %s is of family %s with the text %s', (text, family, expected) => {
  expect(parseBanKey(text)).toMatchObject({ family, text: expected })
})

test('a peer id in its CID form is the same key', () => {
  expect(parseBanKey(ED25519_CID)).toEqual({ family: 'peer', text: expect.stringMatching(/^12D3Koo/) })
})

test.each([
  ['', /empty/],
  ['example.org', /no IP address, CIDR or peer id/],
  ['example.org:80', /host names are not banned/],
  ['1.2.3.4/33', /prefix length is 0 to 32/],
  ['1.2.3.4/-1', /prefix length/],
  ['1.2.3.4/', /prefix length/],
  ['1.2.3.4/8/8', /prefix length/],
  ['2001:db8::/129', /prefix length is 0 to 128/],
  ['[2001:db8::]:80/32', /no IP address/],
  ['1.2.3.4:80/8', /no IP address/],
  ['::ffff:0:0/90', /more than the IPv4-mapped/],
  ['1.2.3/8', /no IP address/],
  ['01.2.3.4', /no IP address/],
  ['1111111111', /no IP address/],
  [`${ED25519}x`, /no IP address/],
  ['bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi', /no IP address/],
  ['/ip4/1.2.3.4/tcp/1', /multiaddress/],
  ['x'.repeat(200), /200 characters/],
])('refuses the key %j', (text, message) => {
  expect(() => parseBanKey(text)).toThrow(message)
  expect(() => parseBanKey(text)).toThrow(BadInputError)
})

test('the text of a key parses to the same key', () => {
  const address = fc.oneof(
    fc.ipV4().map((text) => ({ text, bits: 32 })),
    fc.ipV6().map((text) => ({ text, bits: 128 })),
  )
  const cidr = fc.tuple(address, fc.nat()).map(([{ text, bits }, length]) => `${text}/${length % (bits + 1)}`)
  fc.assert(
    fc.property(cidr, (text) => {
      const isMapped = /^::\d+\.|^(0*:)*:?ffff:/i.test(text)
      fc.pre(!isMapped)
      const key = parseBanKey(text)
      expect(parseBanKey(key.text)).toEqual(key)
    }),
  )
})

test('every text is either a key or refused as bad input', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.base64String(), fc.stringMatching(/^[1-9a-km-zA-HJ-NP-Z]{1,60}$/)), (text) => {
      try {
        parseBanKey(text)
      } catch (error) {
        expect(error).toBeInstanceOf(BadInputError)
      }
    }),
  )
})

test('peer ids of all three key types are accepted', () => {
  expect(parseBanKey(SECP256K1).family).toBe('peer')
})
