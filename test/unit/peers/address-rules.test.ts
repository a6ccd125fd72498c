import { expect, test } from 'vitest'
import { createAddressRules } from '../../../src/peers/address-rules.ts'

const peerId = '12D3KooWAFXWuxgdJoRsaA4J4RRRr8yu6WCrAPf8FaS7UfZg3ceG'
const publicRules = (ownChoice: string[] = []) => {
  const rules = createAddressRules({ isPublic: true, sharePrivateAddresses: false })
  rules.setOwnChoice(ownChoice)
  return rules
}

test.each([
  '/ip4/127.0.0.1/tcp/1',
  '/ip4/10.0.0.1/tcp/1',
  '/ip4/169.254.169.254/tcp/80',
  '/ip6/::1/tcp/1',
  '/ip6/fe80::1/tcp/1',
  '/unix/tmp',
])('a public network: %s is neither dialled nor told', (address) => {
  expect(publicRules().mayDial(`${address}/p2p/${peerId}`)).toBe(false)
  expect(publicRules().mayAnnounce(address)).toBe(false)
})

test('a public network: public addresses are dialled and told', () => {
  expect(publicRules().mayDial(`/ip4/8.8.8.8/tcp/1/p2p/${peerId}`)).toBe(true)
  expect(publicRules().mayAnnounce('/ip4/8.8.8.8/tcp/1')).toBe(true)
})

test('a private network: its members may use local addresses', () => {
  const rules = createAddressRules({ isPublic: false, sharePrivateAddresses: false })
  expect(rules.mayDial(`/ip4/10.0.0.1/tcp/1/p2p/${peerId}`)).toBe(true)
  expect(rules.mayAnnounce('/ip4/10.0.0.1/tcp/1')).toBe(true)
})

test('a local address is told on a public network if the operator asks for it', () => {
  const rules = createAddressRules({ isPublic: true, sharePrivateAddresses: true })
  expect(rules.mayAnnounce('/ip4/10.0.0.1/tcp/1')).toBe(true)
  expect(rules.mayDial('/ip4/10.0.0.1/tcp/1')).toBe(false)
})

test('an address of the settings is dialled wherever it leads, at its port only', () => {
  const rules = publicRules([`/ip4/10.0.0.1/tcp/9905/p2p/${peerId}`])
  expect(rules.mayDial(`/ip4/10.0.0.1/tcp/9905/p2p/${peerId}`)).toBe(true)
  expect(rules.mayDial('/ip4/10.0.0.1/tcp/22')).toBe(false)
})

test('a name of the settings may stand for a local address, also through a list of addresses; a name of a stranger may not', () => {
  const rules = publicRules([`/dnsaddr/nodes.example/p2p/${peerId}`])
  rules.resolved(`/dnsaddr/nodes.example/p2p/${peerId}`, [`/dns4/a.example/tcp/9905/p2p/${peerId}`])
  rules.resolved(`/dns4/a.example/tcp/9905/p2p/${peerId}`, [`/ip4/10.0.0.7/tcp/9905/p2p/${peerId}`])
  rules.resolved('/dns4/stranger.example/tcp/9905', ['/ip4/10.0.0.8/tcp/9905'])
  expect(rules.mayDial('/ip4/10.0.0.7/tcp/9905')).toBe(true)
  expect(rules.mayDial('/ip4/10.0.0.8/tcp/9905')).toBe(false)
})

test('an address that the settings no longer name is dialled as any other, with all to which its name has led', () => {
  const kept = `/dns4/kept.example/tcp/9905/p2p/${peerId}`
  const rules = publicRules([`/dns4/gone.example/tcp/9905/p2p/${peerId}`, kept])
  rules.resolved('/dns4/gone.example/tcp/9905', ['/ip4/10.0.0.7/tcp/9905', '/ip4/10.0.0.9/tcp/9905'])
  rules.resolved(kept, ['/dns4/inner.example/tcp/9905'])
  rules.resolved('/dns4/inner.example/tcp/9905', ['/ip4/10.0.0.8/tcp/9905', '/ip4/10.0.0.9/tcp/9905'])
  rules.setOwnChoice([kept])
  expect(rules.mayDial('/ip4/10.0.0.7/tcp/9905')).toBe(false)
  expect(rules.mayDial('/ip4/10.0.0.8/tcp/9905')).toBe(true)
  expect(rules.mayDial('/ip4/10.0.0.9/tcp/9905')).toBe(true)
  rules.resolved('/dns4/gone.example/tcp/9905', ['/ip4/10.0.0.7/tcp/9905'])
  expect(rules.mayDial('/ip4/10.0.0.7/tcp/9905')).toBe(false)
})
