import { expect, test } from 'vitest'
import { ipAddressText } from '../../../src/addresses/ip-address.ts'
import { parseWrittenAddress } from '../../../src/bans/written-address.ts'

function canonical(text: string): string | undefined {
  const address = parseWrittenAddress(text)
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
  expect(parseWrittenAddress(text)).toBeUndefined()
})
