import { expect, test } from 'vitest'
import { parseCidr } from '../../../../src/addresses/cidr.ts'
import { ipAddressText, parseIpAddress } from '../../../../src/addresses/ip-address.ts'
import { clientAddress, remoteAddress, socketAddress } from '../../../../src/websocket/http/client-address.ts'
import { fc } from '../../../support/properties.ts'

const trusted = ['10.0.0.0/8', 'fd00::/8'].map((text) => parseCidr(text) ?? expect.fail())
const address = (text: string) => parseIpAddress(text) ?? expect.fail()
const client = (socket: string, xForwardedFor = '', forwarded = '') =>
  ipAddressText(clientAddress(address(socket), { xForwardedFor, forwarded }, trusted))

test.each([
  ['203.0.113.5', '198.51.100.1', '203.0.113.5'], // a stranger who writes the header
  ['10.0.0.1', '198.51.100.1', '198.51.100.1'],
  ['10.0.0.1', '192.0.2.66, 198.51.100.1', '198.51.100.1'], // the client wrote the first entry
  ['10.0.0.1', '192.0.2.66, 198.51.100.1,10.0.0.2', '198.51.100.1'], // two proxies
  ['10.0.0.1', '10.0.0.9, 10.0.0.2', '10.0.0.9'], // a client inside
  ['10.0.0.1', '198.51.100.1:4711', '198.51.100.1'],
  ['fd00::1', '[2001:db8::5]:4711', '2001:db8::5'],
  ['10.0.0.1', '2001:db8::5', '2001:db8::5'],
  ['10.0.0.1', '::ffff:198.51.100.1', '198.51.100.1'],
  ['10.0.0.1', '198.51.100.1, unknown', '10.0.0.1'],
  ['10.0.0.1', '', '10.0.0.1'],
])('from %s with X-Forwarded-For %s it is %s', (socket, header, expected) => {
  expect(client(socket, header)).toBe(expected)
})

test.each([
  ['for=198.51.100.1;proto=https', '198.51.100.1'],
  ['for=192.0.2.66, For="[2001:db8::5]:4711"', '2001:db8::5'],
  ['for=_hidden', '10.0.0.1'],
  ['proto=https', '10.0.0.1'],
  ['for=192.0.2.66, proto=https', '10.0.0.1'], // the proxy says nothing about its client, and what stands before is the client's
  ['for=192.0.2.66, , for=198.51.100.1,', '198.51.100.1'],
  ['host="x;for=192.0.2.66";for=198.51.100.1', '198.51.100.1'],
  ['host="x,for=192.0.2.66";for=198.51.100.1', '198.51.100.1'],
  ['host="x\\",for=192.0.2.66";for=198.51.100.1', '198.51.100.1'],
  ['by=10.0.0.1 ; FOR = "198.51.100.1:4711"', '198.51.100.1'],
  ['for="198.51.100.1', '10.0.0.1'],
  ['for=198.51.100.1 for=192.0.2.66', '10.0.0.1'],
])('from a proxy with Forwarded %s it is %s', (header, expected) => {
  expect(client('10.0.0.1', '', header)).toBe(expected)
})

test('of both headers only X-Forwarded-For is read, and any text gives an address', () => {
  expect(client('10.0.0.1', '198.51.100.1', 'for=192.0.2.66')).toBe('198.51.100.1')
  fc.assert(
    fc.property(fc.string(), fc.string(), (one, other) => {
      expect(client('10.0.0.1', one, other)).toMatch(/^[0-9a-f.:]+$/)
    }),
  )
})

test.each([
  [[192, 0, 2, 1], { text: '192.0.2.1', network: '192.0.2.1' }],
  [[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 1], { text: '192.0.2.1', network: '192.0.2.1' }],
  [[0x20, 1, 0xd, 0xb8, 0, 1, 0, 2, 0, 0, 0, 0, 0, 0, 0, 9], { text: '2001:db8:1:2::9', network: '2001:db8:1:2::/64' }],
  [[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], { text: '::1', network: '::/64' }],
])('the address with bytes %j is counted by its network', (bytes, expected) => {
  expect(remoteAddress(socketAddress(Uint8Array.from(bytes)))).toEqual(expected)
})

test('a client that has reset its connection has no address: its request counts for nobody, and no handler throws', () => {
  const gone = socketAddress(new Uint8Array(0))
  expect(remoteAddress(gone)).toEqual({ text: '100::', network: '100::/64' })
  expect(clientAddress(gone, { xForwardedFor: '127.0.0.1', forwarded: '' }, trusted)).toBe(gone)
})
