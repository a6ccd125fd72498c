import { expect, test } from 'vitest'
import { bracketIpv6, formatHostPort, parseHostPort } from '../../../src/addresses/host-port.ts'

test.each([
  ['kafka-1', { host: 'kafka-1', port: null }],
  ['kafka-1:9092', { host: 'kafka-1', port: 9092 }],
  ['node.example.org.:1', { host: 'node.example.org.', port: 1 }],
  ['203.0.113.7', { host: '203.0.113.7', port: null }],
  ['203.0.113.7:65535', { host: '203.0.113.7', port: 65_535 }],
  ['::1', { host: '::1', port: null }],
  ['fe80::1%eth0', { host: 'fe80::1%eth0', port: null }],
  ['[fe80::1%eth0]:9092', { host: 'fe80::1%eth0', port: 9092 }],
  ['2001:db8::7:9905', { host: '2001:db8::7:9905', port: null }],
  ['[::1]', { host: '::1', port: null }],
  ['[2001:db8::7]:9905', { host: '2001:db8::7', port: 9905 }],
  ['[::ffff:192.0.2.1]:9905', { host: '::ffff:192.0.2.1', port: 9905 }],
])('%s', (text, expected) => {
  expect(parseHostPort(text)).toEqual(expected)
})

test.each([
  '',
  ':9092',
  'host:',
  'host:0',
  'host:65536',
  'host:x',
  'a b',
  '300.0.0.1',
  '1.2.3',
  '[kafka]:9092',
  '[127.0.0.1]:9092',
  '[::1',
  '::1]:1',
  'fe80::1%',
  'fe80::1%eth0:9092',
  'host:1:2',
])('%j is not an address', (text) => {
  expect(parseHostPort(text)).toBeUndefined()
})

test('a parsed address is formatted so that it parses to the same address', () => {
  const texts = ['kafka-1', 'kafka-1:9092', '203.0.113.7:9905', '::1', '[2001:db8::7]:9905']
  expect(texts.map((text) => formatHostPort(parseHostPort(text) ?? { host: '', port: null }))).toEqual(texts)
})

test.each([
  ['http://::1', 'http://[::1]'],
  ['http://2001:db8::7/registry?x=1', 'http://[2001:db8::7]/registry?x=1'],
  ['postgres://bridge:pass@fe80::1/bridge', 'postgres://bridge:pass@[fe80::1]/bridge'],
  ['http://[::1]:8081/', 'http://[::1]:8081/'],
  ['http://127.0.0.1:8081', 'http://127.0.0.1:8081'],
  ['http://node.example:8081', 'http://node.example:8081'],
  ['http://node.example/a@::1', 'http://node.example/a@::1'],
  ['', ''],
])('an IPv6 address in a URL gets its brackets: %s', (url, expected) => {
  expect(bracketIpv6(url)).toBe(expected)
})
