import { expect, test } from 'vitest'
import { neverBanned } from '../../../src/scores/never-banned.ts'

const PEER = '12D3KooWESmhNAN8s6NPdGNvJH3zJ4wMKDxapXKNUe2DzkAwKYqK'

test('peer ids, addresses and all of a CIDR are never banned, in any spelling; nobody is without entries', () => {
  const isNever = neverBanned([PEER, '10.0.0.0/8', '2001:DB8::1'])
  expect(isNever({ peerId: PEER, address: null })).toBe(true)
  expect(isNever({ peerId: 'other', address: '::ffff:10.9.8.7' })).toBe(true)
  expect(isNever({ peerId: 'other', address: '2001:db8:0::1' })).toBe(true)
  expect(isNever({ peerId: 'other', address: '192.0.2.1' })).toBe(false)
  expect(neverBanned([])({ peerId: PEER, address: '10.0.0.1' })).toBe(false)
})
