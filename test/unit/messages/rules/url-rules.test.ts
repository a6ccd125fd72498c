import { isIP } from 'node:net'
import { describe, expect, it, test } from 'vitest'
import { parseUrl } from '../../../../src/addresses/url.ts'
import { RefusedError } from '../../../../src/messages/rules/refusal.ts'
import { checkUrl, hostOfBaseUrl, MAX_URL_LENGTH, type UrlRules, urlHostKind } from '../../../../src/messages/rules/url-rules.ts'
import { fc } from '../../../support/properties.ts'

function verdict(url: string, allowPrivateUrls = false): string {
  try {
    checkUrl(url, { allowPrivateUrls })
    return 'accepted'
  } catch (error) {
    if (error instanceof RefusedError) return error.reason
    throw error
  }
}

describe('a public URL', () => {
  it.each([
    'http://teranode.example.com:8090/api/v1',
    'https://teranode.example.com',
    'HTTPS://Teranode.Example.COM/API',
    'https://teranode.example.com./',
    'http://teranode.example.com:80/',
    'https://xn--bcher-kva.example/api?x=1#y',
    'http://8.8.8.8:8090/api/v1',
    'http://172.32.0.1/',
    'http://100.128.0.1/',
    'http://[2606:4700:4700::1111]/api',
    'http://[2606:4700:4700:0:0:0:0:1111]:8090',
    'http://example.com/path/@user:80/../x',
    `http://example.com/${'a'.repeat(MAX_URL_LENGTH - 19)}`,
  ])('is accepted: %s', (url) => {
    expect(verdict(url)).toBe('accepted')
    expect(verdict(url, true)).toBe('accepted')
  })
})

describe('a URL that leads into a private network', () => {
  it.each([
    'http://127.0.0.1/',
    'http://127.8.9.1:8090/api/v1',
    'http://0.0.0.0/',
    'http://0.1.2.3/',
    'http://10.0.0.1/',
    'http://172.16.0.1/',
    'http://172.31.255.255/',
    'http://192.168.1.1/',
    'http://169.254.169.254/latest/meta-data',
    'http://100.64.0.1/',
    'http://100.127.255.254/',
    'http://192.0.0.1/',
    'http://192.0.2.1/',
    'http://198.18.0.1/',
    'http://198.51.100.1/',
    'http://203.0.113.1/',
    'http://192.88.99.1/',
    'http://224.0.0.1/',
    'http://239.255.255.255/',
    'http://240.0.0.1/',
    'http://255.255.255.255/',
    'http://[::]/',
    'http://[::1]/',
    'http://[0:0:0:0:0:0:0:1]/',
    'http://[::127.0.0.1]/',
    'http://[::ffff:127.0.0.1]/',
    'http://[::ffff:8.8.8.8]/',
    'http://[::FFFF:7f00:1]/',
    'http://[::ffff:0:127.0.0.1]/',
    'http://[64:ff9b::7f00:1]/',
    'http://[64:ff9b::8.8.8.8]/',
    'http://[64:ff9b:1::a00:1]/',
    'http://[2002:7f00:1::]/',
    'http://[2001::1]/',
    'http://[2001:db8::1]/',
    'http://[3fff::1]/',
    'http://[fe80::1]/',
    'http://[fec0::1]/',
    'http://[fc00::1]/',
    'http://[fd12:3456::1]/',
    'http://[ff02::1]/',
    'http://[100::1]/',
    'http://[5f00::1]/',
    'http://[4000::1]/',
    'http://localhost/',
    'http://LOCALHOST./',
    'http://a.localhost/',
    'http://printer.local/',
    'http://api.internal/',
    'http://x.localdomain/',
    'http://router.home.arpa/',
    'http://teranode1:8090/api/v1',
    'http://teranode1./',
  ])('is refused unless allowed: %s', (url) => {
    expect(verdict(url)).toMatch(/^url-(private|unclear)$/)
    expect(verdict(url, true)).toBe('accepted')
  })
})

describe('a URL that parsers read differently, or that is none', () => {
  it.each([
    '',
    'legacy',
    '/api/v1',
    '//example.com/',
    'ftp://example.com/',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'unix:/var/run/docker.sock',
    'http:example.com',
    'http:/example.com',
    'http:///example.com',
    'http://',
    'http://:8090/',
    'http://example.com:99999/',
    'http://example.com:x/',
    'http://user@example.com/',
    'http://user:password@example.com/',
    'http://@example.com/',
    'http://example.com@127.0.0.1/',
    'http://example.com\\@127.0.0.1/',
    'http:\\\\127.0.0.1\\',
    'http://127.0.0.1\\.example.com/',
    ' http://example.com/',
    'http://exam ple.com/',
    'http://example.com/a b',
    'http://2130706433/',
    'http://0x7f000001/',
    'http://0x7f.0.0.1/',
    'http://0177.0.0.1/',
    'http://017700000001/',
    'http://127.1/',
    'http://127.0.1/',
    'http://127.0.0.1./',
    'http://127.0.0.01/',
    'http://0/',
    'http://134744072/',
    'http://256.256.256.256/',
    'http://1.2.3.4.5/',
    'http://127%2e0.0.1/',
    'http://%6cocalhost/',
    'http://127。0。0。1/',
    'http://①②⑦.0.0.1/',
    'http://ｌocalhost/',
    'http://loc\u00adalhost/',
    'http://bücher.example/',
    'http://[::1%25eth0]/',
    'http://[fe80::1%eth0]/',
    'http://[127.0.0.1]/',
    'http://[::1/',
    'http://[v1.x]/',
    'https://{HOST}/api/v1',
    'http://a*b.example/',
    'http://.../',
    'http://example.com/%zz',
    'http://example.com/#%',
    'http://example.com/?x=%4',
    `http://example.com/${'a'.repeat(MAX_URL_LENGTH)}`,
  ])('is always refused: %o', (url) => {
    expect(verdict(url)).toMatch(/^url(-unclear)?$/)
    expect(verdict(url, true)).toBe(verdict(url))
  })

  it.each([
    'http://example.com/\u0000',
    'http://example.com\n/',
    '\thttp://example.com',
    'http://exam\u007fple.com',
    'http://a.example/\u0085',
  ])('is refused for its control characters: %j', (url) => {
    expect(verdict(url, true)).toBe('control-character')
  })
})

describe('the reason of a refusal', () => {
  it.each([
    ['url', ['', 'legacy', 'ftp://example.com/', 'http:///example.com', 'http://']],
    [
      'url-private',
      [
        'http://10.0.0.1/',
        'http://127.0.0.1/',
        'http://169.254.1.1/',
        'http://0.0.0.0/',
        'http://[::1]/',
        'http://[::]/',
        'http://[fd00::1]/',
        'http://[fe80::1]/',
        'http://a.LOCALHOST./',
      ],
    ],
    ['url-unclear', ['http://user@example.com/', 'http://127.1/', 'http://b\u00fccher.example/', 'http://example.com/?x=%4']],
    [
      'url-unclear',
      [
        'http://100.64.0.1/',
        'http://198.18.0.1/',
        'http://240.0.0.1/',
        'http://0.1.2.3/',
        'http://[2002:a00:1::]/',
        'http://printer.local/',
        'http://teranode1/',
      ],
    ],
  ])('is %s: only what all nodes refuse is a fault of the sender', (reason, urls) => {
    for (const url of urls) expect(verdict(url), url).toBe(reason)
  })
})

describe('a blacklisted host', () => {
  const blacklistedHosts = new Set(
    ['https://Slow.Example.org./api', '203.0.113.7', '[2606:4700::1]:80'].map((text) => hostOfBaseUrl(text) ?? ''),
  )
  const check = (url: string) => () => checkUrl(url, { allowPrivateUrls: true, blacklistedHosts })

  it.each(['http://slow.example.org/other', 'https://SLOW.example.org.:8443/', 'http://203.0.113.7/', 'http://[2606:4700:0::1]/'])(
    'is refused: %s',
    (url) => {
      expect(check(url)).toThrow('subtreevalidation_blacklisted_baseurls')
    },
  )

  it.each(['http://slow.example.org.evil.example/', 'http://fast.example.org/', 'http://203.0.113.70/'])('is no other host: %s', (url) => {
    expect(check(url)).not.toThrow()
  })
})

describe('the kind of a host', () => {
  it.each([
    ['http://teranode1:8090/api', 'name'],
    ['http://1.2.3.4.example.com/', 'name'],
    ['http://8.8.8.8/', 'ip'],
    ['http://[2606::1]/', 'ip'],
    ['http://2130706433/', 'ip'],
    ['legacy', undefined],
    ['', undefined],
  ])('of %s is %s', (url, kind) => {
    expect(urlHostKind(url)).toBe(kind)
  })
})

/** Pieces of hosts on which parsers differ, and what may stand around a host. */
const hosts = fc
  .array(fc.constantFrom('a', 'node', '1', '0x7f', '127', '255', 'xn--', 'xn--a', 'A', 'ü', '-', '_', '--', 'com', 'e1', '1e'), {
    minLength: 1,
    maxLength: 4,
  })
  .chain((labels) => fc.constantFrom(labels.join('.'), `${labels.join('.')}.`, labels.join(''), `[::${labels[0]}]`))
const urls = fc
  .tuple(
    fc.constantFrom('http://', 'https://', 'HTTP://', 'http:/', 'http:\\', ' http://', 'ftp://', ''),
    fc.constantFrom('', 'user@', 'a:80@'),
    hosts,
    fc.constantFrom('', ':80', ':', ':99999', ':0009', ':1e1', ':65535'),
    fc.constantFrom('', '/', '/a@b', '?x', '#y', '/a b', '\t', '/%zz', '\\x'),
  )
  .map((parts) => parts.join(''))

test('the host of a URL is the one that the standard finds, whichever way it is read', () => {
  fc.assert(
    fc.property(urls, (text) => {
      const hostname = parseUrl(text)?.hostname
      const kind = hostname && (isIP(hostname.replace(/^\[|\]$/g, '')) ? 'ip' : 'name')
      expect([text, urlHostKind(text)]).toEqual([text, hostname === undefined ? undefined : kind || 'name'])
      if (refusal(text, { allowPrivateUrls: true }) !== undefined) return
      const host = String(hostname).toLowerCase().replace(/\.+$/, '')
      expect([text, refusal(text, { allowPrivateUrls: true, blacklistedHosts: new Set([host]) })]).toEqual([text, 'url-blacklisted'])
    }),
    { numRuns: 5000 },
  )
})

function refusal(text: string, rules: UrlRules): string | undefined {
  try {
    checkUrl(text, rules)
    return undefined
  } catch (error) {
    return error instanceof RefusedError ? error.reason : String(error)
  }
}
