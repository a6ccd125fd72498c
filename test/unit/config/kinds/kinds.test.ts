import { expect, test } from 'vitest'
import type { z } from 'zod'
import {
  baseUrlHost,
  broker,
  cidr,
  hostPort,
  httpUrl,
  ipAddress,
  listenAddress,
  origin,
  peerMultiaddress,
  port,
} from '../../../../src/config/kinds/address-kinds.ts'
import { encryptionKey, privateKey, sharedKey } from '../../../../src/config/kinds/key-kinds.ts'
import { choice, duration, flag, flagOrAuto, integer, size, sizeOrAuto } from '../../../../src/config/kinds/kinds.ts'

const INVALID = Symbol('invalid')
const parse = (schema: z.ZodType, text: string): unknown => {
  const result = schema.safeParse(text)
  return result.success ? result.data : INVALID
}

test.each<[string, z.ZodType, [string, unknown][]]>([
  [
    'a flag',
    flag(),
    [
      ['true', true],
      ['YES', true],
      ['1', true],
      ['off', false],
      ['0', false],
      ['', INVALID],
      ['maybe', INVALID],
    ],
  ],
  [
    'a flag or auto',
    flagOrAuto(),
    [
      ['auto', 'auto'],
      ['Auto', 'auto'],
      ['TRUE', true],
      ['True', true],
      ['no', false],
      ['', INVALID],
      ['maybe', INVALID],
    ],
  ],
  [
    'a host of a base URL',
    baseUrlHost(),
    [
      ['https://Node.Example./api/v1', 'node.example'],
      ['node.example:8090', 'node.example'],
      ['203.0.113.7', '203.0.113.7'],
      ['http://', INVALID],
      ['a b', INVALID],
    ],
  ],
  [
    'a whole number',
    integer(1, 5),
    [
      ['1', 1],
      [' 5 ', 5],
      ['0', INVALID],
      ['6', INVALID],
      ['1.5', INVALID],
      ['1e0', INVALID],
      ['0x1', INVALID],
      ['', INVALID],
    ],
  ],
  [
    'a word',
    choice('a', 'b'),
    [
      ['a', 'a'],
      ['c', INVALID],
      ['', INVALID],
      ['A', INVALID],
    ],
  ],
  [
    'a time span',
    duration(),
    [
      ['500ms', 500],
      ['10s', 10_000],
      ['24h', 86_400_000],
      ['1h30m', 5_400_000],
      ['1.5s', 1500],
      ['0', 0],
      ['24h0m0s', 86_400_000],
      ['10', INVALID],
      ['-1s', INVALID],
      ['1w', INVALID],
      ['', INVALID],
      ['25d', INVALID],
    ],
  ],
  [
    'a time span with a least one',
    duration({ min: '1s' }),
    [
      ['999ms', INVALID],
      ['1s', 1000],
    ],
  ],
  ['a time span beyond a timer', duration({ unbounded: true }), [['30d', 2_592_000_000]]],
  [
    'a size',
    size(10),
    [
      ['10', 10],
      ['9', INVALID],
      ['1KiB', 1024],
      ['64 MiB', 67_108_864],
      ['2kB', 2000],
      ['1TiB', INVALID],
      ['-1', INVALID],
      ['', INVALID],
    ],
  ],
  [
    'a port',
    port(),
    [
      ['1', 1],
      ['65535', 65_535],
      ['0', INVALID],
      ['65536', INVALID],
      ['80a', INVALID],
      ['', INVALID],
    ],
  ],
  [
    'an IP address',
    ipAddress(),
    [
      ['0.0.0.0', '0.0.0.0'],
      ['::', '::'],
      ['[::1]', '::1'],
      ['fe80::1%eth0', INVALID],
      ['[fe80::1%eth0]', INVALID],
      ['localhost', INVALID],
      ['1.2.3', INVALID],
    ],
  ],
  [
    'a listening address',
    listenAddress(),
    [
      [':9908', { host: null, port: 9908 }],
      ['127.0.0.1:1', { host: '127.0.0.1', port: 1 }],
      ['[::1]:2', { host: '::1', port: 2 }],
      ['localhost:3', { host: 'localhost', port: 3 }],
      ['9908', INVALID],
      ['localhost', INVALID],
      [':0', INVALID],
      [':70000', INVALID],
      ['::1', INVALID],
    ],
  ],
  [
    'a host',
    hostPort(),
    [
      ['a.example', { host: 'a.example', port: null }],
      ['a.example:5', { host: 'a.example', port: 5 }],
      ['2001:db8::1', { host: '2001:db8::1', port: null }],
      ['[2001:db8::1]', { host: '2001:db8::1', port: null }],
      ['1.2.3.4.5', INVALID],
      ['1.2.3', INVALID],
      ['a:b', INVALID],
      ['a:', INVALID],
      ['[nope]:1', INVALID],
      ['a b', INVALID],
      ['http://a', INVALID],
      ['', INVALID],
    ],
  ],
  [
    'a broker',
    broker(),
    [
      ['k', 'k:9092'],
      ['k:1', 'k:1'],
      ['[::1]:2', '[::1]:2'],
      ['::1', '[::1]:9092'],
      ['k:0', INVALID],
    ],
  ],
  [
    'a URL',
    httpUrl(),
    [
      ['http://a/b', 'http://a/b'],
      ['', ''],
      ['ftp://a', INVALID],
      ['a', INVALID],
    ],
  ],
  [
    'an origin',
    origin(),
    [
      ['https://a.example', 'https://a.example'],
      ['*', '*'],
      ['https://a.example/', INVALID],
      ['a.example', INVALID],
      ['http://a:81', 'http://a:81'],
      ['https://*.a.example', 'https://*.a.example'],
      ['https://*.A.example:8443', 'https://*.a.example:8443'],
      ['https://*', INVALID],
      ['https://a.*.example', INVALID],
      ['https://*.*.example', INVALID],
      ['https://*a.example', INVALID],
      ['https://*.192.0.2.1', INVALID],
      ['https://*.a.example:443', INVALID],
      ['wss://a.example', INVALID],
    ],
  ],
  [
    'a range of addresses',
    cidr(),
    [
      ['10.0.0.0/8', { family: 'ipv4', words: [10 << 24], prefix: 8 }],
      ['::1', { family: 'ipv6', words: [0, 0, 0, 1], prefix: 128 }],
      ['10.0.0.0/33', INVALID],
      ['proxy.example', INVALID],
    ],
  ],
  [
    'a size or auto',
    sizeOrAuto(1024),
    [
      ['auto', 'auto'],
      ['1MiB', 1_048_576],
      ['1000', INVALID],
    ],
  ],
  [
    'a shared key',
    sharedKey(),
    [
      ['', ''],
      ['ab'.repeat(32), 'ab'.repeat(32)],
      ['ab'.repeat(31), INVALID],
      ['xy'.repeat(32), INVALID],
      ['ab'.repeat(40), 'ab'.repeat(40)],
    ],
  ],
])('%s', (_what, schema, cases) => {
  for (const [text, expected] of cases) expect(parse(schema, text), JSON.stringify(text)).toEqual(expected)
})

const PEER_ID = '12D3KooWESmhNAN8s6NPdGNvJH3zJ4wMKDxapXKNUe2DzkAwKYqK'

test.each<[string, boolean]>([
  [`/ip4/203.0.113.7/tcp/9905/p2p/${PEER_ID}`, true],
  [`/dns4/peer.example.org/tcp/9905/p2p/${PEER_ID}`, true],
  [`/ip6/2001:db8::1/tcp/9905/p2p/${PEER_ID}`, true],
  ['/ip4/203.0.113.7/tcp/9905', false],
  ['/ip4/203.0.113.7/tcp/9905/p2p/foo', false],
  [`/ip4/203.0.113.7/tcp/9905/p2p/${PEER_ID.slice(0, -1)}`, false],
  [`/ip4/203.0.113.700/tcp/9905/p2p/${PEER_ID}`, false],
  [`/p2p/${PEER_ID}/p2p-circuit`, false],
  ['203.0.113.7:9905', false],
])('a peer by its multiaddress: %s is %s', (text, isValid) => {
  expect(peerMultiaddress().safeParse(text).success).toBe(isValid)
})

/** RFC 8032, 7.1, test 1. */
const SEED = '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60'
const PUBLIC = 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a'

test('a private key has one or two public keys behind it that belong to it', () => {
  expect(parse(privateKey(), SEED + PUBLIC)).toBe(SEED + PUBLIC)
  expect(parse(privateKey(), (SEED + PUBLIC + PUBLIC).toUpperCase())).toBe(SEED + PUBLIC)
  expect(parse(privateKey(), `08011240${SEED}${PUBLIC}`)).toBe(SEED + PUBLIC)
  expect(parse(privateKey(), '')).toBe('')
  expect(parse(privateKey(), SEED)).toBe(INVALID)
  expect(parse(privateKey(), SEED + SEED)).toBe(INVALID)
  expect(parse(privateKey(), SEED + PUBLIC + SEED)).toBe(INVALID)
})

test('an encryption key is 32 bytes, as hex or base64', () => {
  const bytes = Buffer.alloc(32, 0xa7)
  expect(parse(encryptionKey(), bytes.toString('hex').toUpperCase())).toBe(bytes.toString('hex'))
  expect(parse(encryptionKey(), bytes.toString('base64'))).toBe(bytes.toString('hex'))
  expect(parse(encryptionKey(), '')).toBe('')
  expect(parse(encryptionKey(), bytes.subarray(1).toString('hex'))).toBe(INVALID)
  expect(parse(encryptionKey(), `${bytes.toString('base64')}AA`)).toBe(INVALID)
  expect(parse(encryptionKey(), 'a passphrase that somebody likes')).toBe(INVALID)
})
