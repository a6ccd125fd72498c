import { expect, test } from 'vitest'
import { cidrContains, parseCidr } from '../../../src/addresses/cidr.ts'
import { parseIpAddress } from '../../../src/addresses/ip-address.ts'

test.each([
  ['10.0.0.0/8', '10.255.0.1', true],
  ['10.0.0.0/8', '11.0.0.1', false],
  ['0.0.0.0/0', '203.0.113.1', true],
  ['0.0.0.0/0', '::1', false],
  ['192.0.2.1', '192.0.2.1', true],
  ['192.0.2.1', '192.0.2.2', false],
  ['192.0.2.128/25', '192.0.2.127', false],
  ['10.0.0.0/8', '::ffff:10.1.1.1', true],
  ['fd00::/8', 'fdff::1', true],
  ['2001:db8:0:1::/64', '2001:db8:0:1:ffff::', true],
  ['2001:db8:0:1::/64', '2001:db8:0:2::', false],
  ['::/0', '2001:db8::', true],
])('%s holds %s: %s', (range, address, expected) => {
  expect(cidrContains(parseCidr(range) ?? expect.fail(), parseIpAddress(address) ?? expect.fail())).toBe(expected)
})

test.each(['10.0.0.0/33', '::/129', '10.0.0/8', 'proxy.example', '', '10.0.0.0/', '10.0.0.0/8/8'])('%s is no range', (text) => {
  expect(parseCidr(text)).toBeUndefined()
})
