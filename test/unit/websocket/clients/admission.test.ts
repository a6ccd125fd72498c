import { expect, test } from 'vitest'
import { Admission } from '../../../../src/websocket/clients/admission.ts'
import { isOriginAllowed } from '../../../../src/websocket/http/origin.ts'
import { remoteAddress } from '../../../../src/websocket/http/remote-address.ts'

test('admits up to the bounds, per network and in total, and again after a release', () => {
  const admission = new Admission({ maxClients: 3, maxClientsPerAddress: 2, upgradesPerSecond: 100 }, { now: () => 0 })
  expect([admission.admit('a'), admission.admit('a'), admission.admit('a')]).toEqual([null, null, 'address'])
  expect([admission.admit('b'), admission.admit('c')]).toEqual([null, 'clients'])
  admission.release('a')
  expect(admission.admit('a')).toBeNull()
})

test('limits upgrades per second, with bursts of twice as many', () => {
  let now = 0
  const admission = new Admission({ maxClients: 99, maxClientsPerAddress: 99, upgradesPerSecond: 2 }, { now: () => now })
  const five = () => Array.from({ length: 5 }, () => admission.admit('a'))
  expect(five()).toEqual([null, null, null, null, 'rate'])
  now = 1000
  expect(five()).toEqual([null, null, 'rate', 'rate', 'rate'])
})

test.each([
  ['', 'bridge:9906', [], true],
  ['http://bridge:9906', 'bridge:9906', [], true],
  ['https://Bridge', 'BRIDGE', [], true],
  ['https://bridge', 'bridge:443', [], true],
  ['http://bridge:9906', 'bridge:9907', [], false],
  ['http://evil.example', 'bridge:9906', [], false],
  ['http://bridge:9906.evil.example', 'bridge:9906', [], false],
  ['null', 'bridge:9906', [], false],
  ['file://bridge', 'bridge', [], false],
  ['https://explorer.example', 'bridge:9906', ['https://explorer.example'], true],
  ['https://explorer.example', 'bridge:9906', ['https://explorer.example/'], true],
  ['http://explorer.example', 'bridge:9906', ['https://explorer.example'], false],
  ['https://anything.example', 'bridge:9906', ['*'], true],
  ['https://anything.example', '', [], false],
])('origin %s at host %s with %j allowed: %s', (origin, host, allowed, expected) => {
  expect(isOriginAllowed(origin, host, allowed)).toBe(expected)
})

test.each([
  [[192, 0, 2, 1], { text: '192.0.2.1', network: '192.0.2.1' }],
  [[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 1], { text: '192.0.2.1', network: '192.0.2.1' }],
  [[0x20, 1, 0xd, 0xb8, 0, 1, 0, 2, 0, 0, 0, 0, 0, 0, 0, 9], { text: '2001:db8:1:2::9', network: '2001:db8:1:2::/64' }],
  [[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], { text: '::1', network: '::/64' }],
])('the address with bytes %j is counted by its network', (bytes, expected) => {
  expect(remoteAddress(Uint8Array.from(bytes))).toEqual(expected)
})
