import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { Ban } from '../../../../src/bans/ban.ts'
import { formatBanFile, parseBanFile } from '../../../../src/bans/text/ban-file.ts'

const NOW = Date.UTC(2026, 0, 1)
const PEER = '12D3KooWESmhNAN8s6NPdGNvJH3zJ4wMKDxapXKNUe2DzkAwKYqK'

test("Bitcoin Core's banlist.json, with the form of listbanned too", () => {
  const nets = [
    { version: 1, ban_created: 1, banned_until: NOW / 1000 + 60, address: '203.0.113.7/32' },
    { version: 1, ban_created: 1, banned_until: NOW / 1000 - 60, address: '203.0.113.8/32' },
    { version: 1, ban_created: 1, banned_until: NOW / 1000 + 60, address: '2001:db8::/32' },
  ]
  const reason = 'imported from Bitcoin Core'
  const expected = [
    { key: '203.0.113.7', until: NOW + 60_000, reason },
    { key: '203.0.113.8', until: NOW - 60_000, reason },
    { key: '2001:db8::/32', until: NOW + 60_000, reason },
  ]
  expect(parseBanFile(JSON.stringify({ banned_nets: nets }))).toEqual(expected)
  expect(parseBanFile(JSON.stringify(nets))).toEqual(expected)
})

test('a byte order mark at the beginning is not part of a file', () => {
  const nets = [{ version: 1, ban_created: 1, banned_until: NOW / 1000, address: '203.0.113.7/32' }]
  expect(parseBanFile(`\uFEFF${JSON.stringify(nets)}`)).toHaveLength(1)
  expect(parseBanFile('\uFEFF203.0.113.7\r\n')).toMatchObject([{ key: '203.0.113.7' }])
})

test('a plain list', () => {
  const text = `# ours\n203.0.113.7\r\n10.1.2.3/8 permanent # spam, again\n\n${PEER} 2026-02-01T00:00:00Z\n203.0.113.9 2025-01-01\n`
  expect(parseBanFile(text)).toEqual([
    { key: '203.0.113.7', until: undefined, reason: '' },
    { key: '10.0.0.0/8', until: null, reason: 'spam, again' },
    { key: PEER, until: Date.UTC(2026, 1, 1), reason: '' },
    { key: '203.0.113.9', until: Date.UTC(2025, 0, 1), reason: '' },
  ])
})

test('entries without a reason have the one that is given for them', () => {
  const nets = [{ address: '203.0.113.7/32', banned_until: NOW / 1000 }]
  expect(parseBanFile(JSON.stringify(nets), 'abuse')).toMatchObject([{ reason: 'abuse' }])
  expect(parseBanFile('203.0.113.7\n203.0.113.8 # spam', 'abuse')).toMatchObject([{ reason: 'abuse' }, { reason: 'spam' }])
})

test.each([
  ['example.org', /line 1: .*no IP address/],
  ['203.0.113.7\n010.0.0.1', /line 2: /],
  ['203.0.113.7 tomorrow', /line 1: "tomorrow" is no time/],
  ['203.0.113.7 2030-02-31', /line 1: "2030-02-31" is no time/],
  ['203.0.113.7 2030-02-01T12:00:00', /line 1: .* is no time .*with its zone/],
  ['203.0.113.7 permanent spam', /line 1 has more/],
  ['{"banned_nets": 1}', /no list banned_nets/],
  ['{"banned', /no JSON/],
  ['[{"address": "x", "banned_until": 1}]', /entry 1: /],
  ['[{"address": "203.0.113.7/32"}]', /entry 1 .*banned_until/],
  ['[7]', /entry 1 has no address/],
])('the file %j is refused as a whole, with the place of the mistake', (text, expected) => {
  expect(() => parseBanFile(text)).toThrow(expected)
})

test('both formats read back what they wrote', () => {
  const ban = (key: string, until: number | null): Ban => ({ key, until, reason: 'a # b', since: NOW, cause: 'c' })
  const bans = [ban('203.0.113.7', NOW + 60_000), ban('2001:db8::/32', null), ban(PEER, null)]
  const ends = bans.map(({ key, until }) => ({ key, until }))
  const readBack = (format: 'plain' | 'bitcoin') => parseBanFile(formatBanFile(bans, format)).map(({ key, until }) => ({ key, until }))
  expect(readBack('plain')).toEqual(ends)
  expect(readBack('bitcoin')).toEqual(ends.slice(0, 2))
  expect(parseBanFile(formatBanFile(bans, 'plain'))[0]?.reason).toBe('a # b')
  expect(formatBanFile([], 'plain')).toBe('')
})

test('the example of docs/bans.md can be imported', () => {
  const page = readFileSync(new URL('../../../../docs/bans.md', import.meta.url), 'utf8')
  const [, example = ''] = /```\n(# bans\.txt[\s\S]*?)```/.exec(page) ?? []
  expect(parseBanFile(example).map(({ key, until, reason }) => [key, until, reason])).toEqual([
    ['203.0.113.7', undefined, ''],
    ['198.51.100.0/24', Date.UTC(2027, 0, 31, 12), 'spam'],
    ['2001:db8::/32', null, 'another network'],
    ['12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp', undefined, ''],
  ])
})
