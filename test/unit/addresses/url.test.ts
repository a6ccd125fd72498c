import { expect, test } from 'vitest'
import { parseUrl } from '../../../src/addresses/url.ts'

test('a URL is read, anything else is not', () => {
  expect(parseUrl('https://Example.org:443/a?b')?.href).toBe('https://example.org/a?b')
  expect(parseUrl('/a', 'http://base')?.href).toBe('http://base/a')
  for (const text of ['', 'example.org', 'http://', 'http://a:99999', '/a']) expect(parseUrl(text)).toBeUndefined()
})

test('a host in Latin-1 is read as often as it is asked for', () => {
  const hosts = Array.from({ length: 20_000 }, () => parseUrl('http://b\u00fccher.example/')?.hostname)
  expect(new Set(hosts)).toEqual(new Set(['xn--bcher-kva.example']))
})
