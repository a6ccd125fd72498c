import { expect, test } from 'vitest'
import { SYSTEM_CLOCK } from '../../../src/lifecycle/clock.ts'
import { acceptedAuthors } from '../../../src/peers/accepted-authors.ts'
import { createPeerPolicy } from '../../../src/peers/peer-policy.ts'

const STATIC = '12D3KooWESmhNAN8s6NPdGNvJH3zJ4wMKDxapXKNUe2DzkAwKYqK'
const LISTED = '12D3KooWK99VoVxNE7XzyBwXEzW7xhK7Gpv85r9F3V3fyKSUKPH5'
const BOOTSTRAP = '12D3KooWAFXWuxgdJoRsaA4J4RRRr8yu6WCrAPf8FaS7UfZg3ceG'
const LIST = '/dnsaddr/static.example.org'
const isOwn = (peerId: string) => peerId === 'us'

function policy() {
  return createPeerPolicy(
    {
      ownPeerId: 'us',
      staticPeers: [`/ip4/203.0.113.7/tcp/9905/p2p/${STATIC}`, LIST],
      bootstrapPeers: [`/ip4/203.0.113.8/tcp/9905/p2p/${BOOTSTRAP}`, '/dnsaddr/bootstrap.example.org'],
      isPublic: true,
    },
    { isBanned: () => false, clock: SYSTEM_CLOCK },
  )
}

test('a list accepts those on it, the static peers and the own bridge, and no bootstrap peers', () => {
  const accepts = acceptedAuthors({ authors: ['them'] }, { isOwn, isStatic: policy().isStatic })
  expect(['them', STATIC, 'us', BOOTSTRAP, 'others'].map(accepts)).toEqual([true, true, true, false, false])
})

test('without a list everybody is accepted', () => {
  expect(acceptedAuthors({ authors: [] }, { isOwn, isStatic: () => false })('others')).toBe(true)
})

test('peers that a list of static peers names are accepted once it is resolved, those of a bootstrap list are not', () => {
  const { isStatic, lists } = policy()
  const accepts = acceptedAuthors({ authors: ['them'] }, { isOwn, isStatic })
  expect(accepts(LISTED)).toBe(false)
  lists.resolved('/dnsaddr/bootstrap.example.org', [`/ip4/203.0.113.9/tcp/9905/p2p/${LISTED}`])
  expect(accepts(LISTED)).toBe(false)
  lists.resolved(LIST, [`/ip4/203.0.113.9/tcp/9905/p2p/${LISTED}`])
  expect(accepts(LISTED)).toBe(true)
})
