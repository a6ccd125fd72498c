import { isIP } from 'node:net'
import fc from 'fast-check'
import ipaddr from 'ipaddr.js'
import { expect, test } from 'vitest'
import { ipAddressText, parseIpAddress } from '../../../src/bans/ip-address.ts'

function canonical(text: string): string | undefined {
  const address = parseIpAddress(text)
  return address && ipAddressText(address)
}

test.each([
  ['192.0.2.1', '192.0.2.1'],
  ['255.255.255.255', '255.255.255.255'],
  ['0.0.0.0', '0.0.0.0'],
  ['192.0.2.1:8333', '192.0.2.1'],
  ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
  ['[2001:db8::1]', '2001:db8::1'],
  ['[2001:db8::1]:8333', '2001:db8::1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['[::ffff:c000:201]:80', '192.0.2.1'],
  ['fe80::1%eth0', 'fe80::1'],
  ['::', '::'],
  ['/ip4/192.0.2.1/tcp/9905', '192.0.2.1'],
  ['/ip6/2001:db8::1/tcp/9905/p2p/12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp', '2001:db8::1'],
])('reads the address in %s', (text, expected) => {
  expect(canonical(text)).toBe(expected)
})

test.each([
  '',
  '1.2.3',
  '1.2.3.4.5',
  '1.2.3.256',
  '01.2.3.4',
  '0x7f.1.1.1',
  '2130706433',
  '1..2.3',
  '1.2.3.',
  '.1.2.3',
  'example.org',
  '1.2.3.4/8',
  '2001:db8::g',
  '1::2::3',
  '[1.2.3.4',
  'x'.repeat(10_000),
  '/dns4/example.org/tcp/1',
])('finds no address in %j', (text) => {
  expect(parseIpAddress(text)).toBeUndefined()
})

test('agrees with the library on IPv4', () => {
  const text = fc.oneof(fc.ipV4(), fc.stringMatching(/^[0-9.]{5,16}$/), fc.stringMatching(/^(0?[0-9]{1,3}\.){3}[0-9]{1,3}$/))
  fc.assert(
    fc.property(text, (address) => {
      const isAddress = ipaddr.IPv4.isValidFourPartDecimal(address)
      expect(canonical(address)).toBe(isAddress ? ipaddr.IPv4.parse(address).toString() : undefined)
    }),
  )
})

test('agrees with Node on which texts are IPv6 addresses', () => {
  const text = fc.oneof(
    fc.ipV6(),
    fc.stringMatching(/^([0-9a-fA-F]{0,5}:){1,9}[0-9a-f]{0,4}$/),
    fc.stringMatching(/^:{0,2}([0-9a-f]{1,4}:{1,2}){0,7}[0-9.:a-g]{0,9}$/),
    fc.stringMatching(/^::(ffff:)?[0-9.]{7,15}$/),
  )
  fc.assert(
    fc.property(text, (address) => {
      fc.pre(!/^[\d.]+:\d+$/.test(address)) // IPv4 with a port
      expect(parseIpAddress(address) !== undefined).toBe(isIP(address) !== 0)
    }),
    { numRuns: 2000 },
  )
})

test('agrees with the library on the words of an IPv6 address', () => {
  fc.assert(
    fc.property(fc.ipV6(), (address) => {
      fc.pre(!/^::\d+\./.test(address)) // the library takes ::1.2.3.4 for an IPv4-mapped address, which it is not
      expect(canonical(address)).toBe(
        ipaddr.process(address).kind() === 'ipv4' ? ipaddr.process(address).toString() : ipaddr.IPv6.parse(address).toRFC5952String(),
      )
    }),
  )
})

test('the canonical text of any IPv6 address parses to the same address', () => {
  fc.assert(
    fc.property(fc.ipV6(), (address) => {
      const parsed = parseIpAddress(address)
      expect(parsed).toBeDefined()
      expect(parsed && parseIpAddress(ipAddressText(parsed))).toEqual(parsed)
    }),
  )
})
