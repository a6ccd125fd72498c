import { expect, test } from 'vitest'
import { isFromOwnPage, isOnThisHost } from '../../../../src/admin/status/from-where.ts'

test.each([
  ['127.0.0.1', { host: 'localhost:9906' }, true],
  ['127.0.0.1', { host: '127.0.0.1:9906' }, true],
  ['127.9.9.9', { host: 'bridge.localhost' }, true],
  ['::1', { host: '[::1]:9906' }, true],
  ['::ffff:127.0.0.1', { host: 'localhost' }, true],
  ['203.0.113.7', { host: 'localhost:9906' }, false],
  ['10.0.0.1', { host: '10.0.0.1:9906' }, false],
  ['127.0.0.1', { host: 'evil.example:9906' }, false],
  ['127.0.0.1', { host: 'localhost.evil.example' }, false],
  ['127.0.0.1', {}, false],
  ['127.0.0.1', { host: '' }, false],
  ['127.0.0.1', { host: 'localhost', 'x-forwarded-for': '203.0.113.7' }, false],
  ['127.0.0.1', { host: 'localhost', forwarded: 'for=203.0.113.7' }, false],
  ['127.0.0.1', { host: 'localhost', via: '1.1 proxy' }, false],
])('a request from %s with %j is of this host: %j', (address, headers, expected) => {
  expect(isOnThisHost(headers, address)).toBe(expected)
})

test.each([
  [{ host: 'bridge.example:9906', origin: 'http://bridge.example:9906', 'sec-fetch-site': 'same-origin' }, true],
  [{ host: 'bridge.example', origin: 'https://bridge.example' }, true],
  [{ host: 'bridge.example:443', origin: 'https://bridge.example' }, true],
  [{ host: 'bridge.example' }, true],
  [{ host: 'bridge.example', origin: 'https://evil.example' }, false],
  [{ host: 'bridge.example', origin: 'https://bridge.example:8443' }, false],
  [{ host: 'bridge.example', origin: 'null' }, false],
  [{ host: 'bridge.example', origin: '' }, false],
  [{ host: 'bridge.example', origin: 'https://bridge.example', 'sec-fetch-site': 'cross-site' }, false],
  [{ host: 'bridge.example', 'sec-fetch-site': 'same-site' }, false],
  [{ origin: 'https://bridge.example' }, false],
])('a change with %j is of the own page: %j', (headers, expected) => {
  expect(isFromOwnPage(headers)).toBe(expected)
})
