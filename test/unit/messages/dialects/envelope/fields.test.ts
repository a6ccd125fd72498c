import { expect, test } from 'vitest'
import { DIALECTS } from '../../../../../src/messages/dialects/dialects.ts'
import { displayText, hexOrNothing, urlText, wordOf } from '../../../../../src/messages/dialects/envelope/fields.ts'

test.each([
  ['<img src=x onerror=alert(1)>', 'img src=x onerror=alert(1)'],
  ['a"b\'c`d', 'abcd'],
  ['a&lt;b', 'alt;b'],
  ['a\\b\r\nc\u0000\u007fd\u00f8\u202e', 'abcd'],
  ['a'.repeat(10_000), 'a'.repeat(128)],
  [`${'<'.repeat(10_000)}teranode`, 'teranode'],
  [' !#$%()*+,-./09:;=?@AZ[]^_az{|}~', ' !#$%()*+,-./09:;=?@AZ[]^_az{|}~'],
])('the text %j is shown as %j', (text, shown) => {
  expect(displayText(text)).toBe(shown)
})

const REFUSED = [
  'http://10.0.0.1/api',
  'http://192.168.1.1/api',
  'http://localhost:8080/api',
  'http://sub.localhost/api',
  'http://LOCALHOST./',
  'http://127.0.0.1./',
  '',
  'ftp://x',
  'http:///x',
  'http://100.64.0.1/',
  'http://192.0.0.8/',
  'http://198.18.0.1/',
  'http://240.0.0.1/',
  'http://224.0.0.1/',
  'http://[::1]/',
  'http://[64:ff9b::a00:1]/',
  'http://[2002:a00:1::]/',
  'http://user:secret@peer.example/',
]
const PASSED = ['http://localhosted.com', 'http://notlocalhost', 'http://localhost.example.com', 'http://peer.example']

test.each(REFUSED)('the URL %j is refused, and no own one is like it', (url) => {
  expect(() => urlText(url, { allowPrivateUrls: false })).toThrow()
  expect(DIALECTS.envelope.urlFault({ dataHubUrl: url, allowPrivateUrls: false })).toMatch(/URL/)
  expect(DIALECTS.plain.urlFault({ dataHubUrl: url, allowPrivateUrls: false })).toBeUndefined()
})

test.each(PASSED)('the URL %j passes', (url) => {
  expect(urlText(url, { allowPrivateUrls: false })).toBe(url)
  expect(DIALECTS.envelope.urlFault({ dataHubUrl: url, allowPrivateUrls: false })).toBeUndefined()
})

test('a private URL passes in test networks', () => {
  expect(urlText('http://127.0.0.1:8090/', { allowPrivateUrls: true })).toBe('http://127.0.0.1:8090/')
})

test('a number or word that is none is shown as nothing', () => {
  expect([hexOrNothing('0aF'), hexOrNothing('0x1'), hexOrNothing('f'.repeat(65))]).toEqual(['0aF', '', ''])
  expect([wordOf(['full'], 'full'), wordOf(['full'], 'fuller')]).toEqual(['full', ''])
})
