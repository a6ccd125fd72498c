import { expect, test } from 'vitest'
import type { Ban } from '../../../src/bans/ban.ts'
import { parseBanKey } from '../../../src/bans/ban-key.ts'
import { BanList } from '../../../src/bans/ban-list.ts'

const PEER = '12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp'

function ban(key: string, until: number | null = null, since = 0): Ban {
  return { key: parseBanKey(key).text, until, reason: 'test', since, cause: 'ban-commands:0:0' }
}

function listOf(...bans: Ban[]): BanList {
  const list = new BanList({ maxEntries: 100 })
  for (const entry of bans) list.add(entry)
  return list
}

test.each([
  ['192.0.2.7', { address: '192.0.2.7' }, true],
  ['192.0.2.7', { address: '192.0.2.8' }, false],
  ['192.0.2.7', { address: '::ffff:192.0.2.7' }, true],
  ['192.0.2.0/24', { address: '192.0.2.255' }, true],
  ['192.0.2.0/24', { address: '192.0.3.0' }, false],
  ['0.0.0.0/0', { address: '203.0.113.9' }, true],
  ['0.0.0.0/0', { address: '2001:db8::1' }, false],
  ['::/0', { address: '2001:db8::1' }, true],
  ['::/0', { address: '192.0.2.7' }, false],
  ['2001:db8::/32', { address: '2001:db8:ffff::1' }, true],
  ['2001:db8::/32', { address: '2001:db9::1' }, false],
  [PEER, { peerId: PEER }, true],
  [PEER, { peerId: PEER, address: '192.0.2.7' }, true],
  [PEER, { address: '192.0.2.7' }, false],
  ['192.0.2.7', { peerId: PEER, address: '192.0.2.7' }, true],
  ['192.0.2.7', { peerId: PEER, address: null }, false],
  ['192.0.2.7', {}, false],
  ['192.0.2.7', { address: 'example.org' }, false],
])('with %s banned, %j is banned: %s', (key, subject, expected) => {
  expect(listOf(ban(key)).find(subject, 1) !== undefined).toBe(expected)
})

test('the longest live prefix decides', () => {
  const list = listOf(ban('10.0.0.0/8', 300), ban('10.1.0.0/16', 200), ban('10.1.1.1', 100))
  expect(list.find({ address: '10.1.1.1' }, 50)?.key).toBe('10.1.1.1')
  expect(list.find({ address: '10.1.1.1' }, 100)?.key).toBe('10.1.0.0/16')
  expect(list.find({ address: '10.1.1.1' }, 250)?.key).toBe('10.0.0.0/8')
  expect(list.find({ address: '10.1.1.1' }, 300)).toBeUndefined()
})

test('removing one entry leaves those that overlap it', () => {
  const list = listOf(ban('10.0.0.0/8'), ban('10.1.0.0/16'), ban('10.1.1.1'))
  list.remove('10.1.0.0/16')
  expect(list.find({ address: '10.1.1.1' }, 1)?.key).toBe('10.1.1.1')
  expect(list.find({ address: '10.1.1.2' }, 1)?.key).toBe('10.0.0.0/8')
  expect(list.size).toBe(2)
})

test('a second ban of the same key replaces the first', () => {
  const list = listOf(ban('10.1.1.1', 100), ban('10.1.1.1', 500))
  expect(list.find({ address: '10.1.1.1' }, 200)?.until).toBe(500)
  expect(list.size).toBe(1)
})

test('a full list evicts the ban that expires first, permanent bans last', () => {
  const list = new BanList({ maxEntries: 3 })
  list.add(ban('10.0.0.1', null, 1))
  list.add(ban('10.0.0.2', 900))
  list.add(ban('10.0.0.3', 500))
  expect(list.add(ban('10.0.0.4', 100))?.key).toBe('10.0.0.3')
  expect(list.add(ban('10.0.0.5', null, 2))?.key).toBe('10.0.0.4')
  expect(list.add(ban('10.0.0.6', null, 3))?.key).toBe('10.0.0.2')
  expect(list.add(ban('10.0.0.7', null, 4))?.key).toBe('10.0.0.1')
  expect(list.size).toBe(3)
})

test('renewing an entry of a full list evicts nothing', () => {
  const list = new BanList({ maxEntries: 1 })
  list.add(ban('10.0.0.1', 100))
  expect(list.add(ban('10.0.0.1', 200))).toBeUndefined()
  expect(list.size).toBe(1)
})

test('a cleared list bans nobody', () => {
  const list = listOf(ban('0.0.0.0/0'), ban(PEER))
  list.clear()
  expect(list.find({ peerId: PEER, address: '192.0.2.7' }, 1)).toBeUndefined()
  expect(list.size).toBe(0)
})

test.each([
  ['10.0.0.0/8', '10.1.0.0/16', true],
  ['10.1.0.0/16', '10.1.0.0/16', true],
  ['10.1.0.0/16', '10.0.0.0/8', false],
  ['10.0.0.0/16', '10.0.0.0/8', false],
  ['10.0.0.0/8', '10.2.3.4', true],
  [PEER, PEER, true],
])('a ban of %s covers %s: %s', (key, asked, expected) => {
  expect(listOf(ban(key)).covering(parseBanKey(asked), 1) !== undefined).toBe(expected)
})
