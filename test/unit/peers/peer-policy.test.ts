import { expect, test } from 'vitest'
import { createPeerPolicy } from '../../../src/peers/peer-policy.ts'
import { createTestClock } from '../../support/test-clock.ts'

const ids = {
  a: '12D3KooWAFXWuxgdJoRsaA4J4RRRr8yu6WCrAPf8FaS7UfZg3ceG',
  b: '12D3KooWQYV9dGMFoRzNStwpXztXaBUjtPqi6aU76ZgUriHhKust',
  c: '12D3KooWESmhNAN8s6NPdGNvJH3zJ4wMKDxapXKNUe2DzkAwKYqK',
}
const address = (name: keyof typeof ids) => `/ip4/127.0.0.1/tcp/9905/p2p/${ids[name]}`
const list = '/dnsaddr/nodes.example'

function start(staticPeers: string[]) {
  const policy = createPeerPolicy({ ownPeerId: 'self', staticPeers, isPublic: true }, { isBanned: () => false, clock: createTestClock() })
  const due = () => policy.dials.due(new Map()).dials.map(({ peerId }) => peerId)
  return { policy, due }
}

test('a reload: each decision about static peers is as if the bridge had started with them', () => {
  const { policy, due } = start([address('a'), address('b')])
  due()
  let changes = 0
  policy.onChange(() => {
    changes += 1
  })
  policy.setStatic([address('b'), address('c')])
  expect(due()).toEqual([ids.c])
  expect(policy.known.all()).toEqual([ids.b, ids.c])
  expect([ids.a, ids.b, ids.c].map(policy.isStatic)).toEqual([false, true, true])
  const elsewhere = (port: number) => policy.addresses.mayDial(`/ip4/127.0.0.1/tcp/${port}`)
  expect([elsewhere(9905), elsewhere(1)]).toEqual([true, false])
  policy.setStatic([])
  expect(elsewhere(9905)).toBe(false)
  expect(changes).toBe(2)
})

test('a reload: the peers of a list stay while the settings name the list', () => {
  const { policy, due } = start([list])
  policy.lists.resolved(list, [address('a')])
  due()
  policy.setStatic([list, address('b')])
  expect(due()).toEqual([ids.b])
  expect(policy.known.all()).toEqual([ids.a, ids.b])
  policy.setStatic([address('b')])
  expect(policy.lists.addresses).toEqual([])
  expect(policy.known.all()).toEqual([ids.b])
  expect(policy.isStatic(ids.a)).toBe(false)
  expect(policy.lists.resolved(list, [address('c')])).toEqual({ peers: 0, isNew: false })
})
