import { expect, test } from 'vitest'
import { acceptedAuthors } from '../../../src/peers/accepted-authors.ts'

const STATIC = '12D3KooWESmhNAN8s6NPdGNvJH3zJ4wMKDxapXKNUe2DzkAwKYqK'
const staticPeers = [`/ip4/203.0.113.7/tcp/9905/p2p/${STATIC}`]
const isOwn = (peerId: string) => peerId === 'us'

test('a list accepts those on it, the static peers and the own bridge', () => {
  const accepts = acceptedAuthors({ authors: ['them'], staticPeers }, { isOwn })
  expect(['them', STATIC, 'us', 'others'].map(accepts)).toEqual([true, true, true, false])
})

test('without a list everybody is accepted', () => {
  expect(acceptedAuthors({ authors: [], staticPeers }, { isOwn })('others')).toBe(true)
})
