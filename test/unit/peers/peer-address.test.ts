import { expect, test } from 'vitest'
import { isPublicPlace, parsePeerAddress, reachablePeers } from '../../../src/peers/peer-address.ts'

const peerId = '12D3KooWAFXWuxgdJoRsaA4J4RRRr8yu6WCrAPf8FaS7UfZg3ceG'
const other = '12D3KooWQYV9dGMFoRzNStwpXztXaBUjtPqi6aU76ZgUriHhKust'

test.each([
  ['/ip4/192.0.2.1/tcp/9905', { kind: 'ip', host: '192.0.2.1', port: 9905, peerId: null }],
  [`/ip6/2001:db8::1/tcp/1/p2p/${peerId}`, { kind: 'ip', host: '2001:db8::1', port: 1, peerId }],
  [`/dns4/a.example/tcp/2/p2p/${peerId}`, { kind: 'name', host: 'a.example', port: 2, peerId }],
  [`/dns6/a.example/tcp/2/ipfs/${peerId}`, { kind: 'name', host: 'a.example', port: 2, peerId }],
  [`/dnsaddr/a.example/p2p/${peerId}`, { kind: 'dnsaddr', host: 'a.example', port: null, peerId }],
])('reads %s', (text, expected) => {
  expect(parsePeerAddress(text)).toEqual(expected)
})

test.each([
  ['QUIC', `/ip4/192.0.2.1/udp/9905/quic-v1/p2p/${peerId}`],
  ['WebSocket', `/ip4/192.0.2.1/tcp/9905/ws/p2p/${peerId}`],
  ['secure WebSocket', `/dns4/a.example/tcp/443/wss/p2p/${peerId}`],
  ['WebRTC', `/ip4/192.0.2.1/udp/9905/webrtc-direct/p2p/${peerId}`],
  ['a relay', `/ip4/192.0.2.1/tcp/9905/p2p/${peerId}/p2p-circuit/p2p/${other}`],
  ['UDP', '/ip4/192.0.2.1/udp/9905'],
  ['a zone of IPv6', '/ip6zone/eth0/ip6/fe80::1/tcp/9905'],
  ['port 0', '/ip4/192.0.2.1/tcp/0'],
  ['no port', '/ip4/192.0.2.1'],
  ['a peer id alone', `/p2p/${peerId}`],
  ['host and port', '192.0.2.1:9905'],
  ['nothing', ''],
])('does not accept %s, which this host cannot dial', (_, text) => {
  expect(parsePeerAddress(text)).toBeUndefined()
})

test.each([
  ['/ip4/8.8.8.8/tcp/1', true],
  ['/ip6/2a01:4f8::1/tcp/1', true],
  ['/dns4/a.example/tcp/1', true],
  ['/ip4/127.0.0.1/tcp/1', false],
  ['/ip4/10.1.2.3/tcp/1', false],
  ['/ip4/172.20.0.3/tcp/1', false],
  ['/ip4/192.168.1.1/tcp/1', false],
  ['/ip4/169.254.169.254/tcp/1', false],
  ['/ip4/100.64.0.1/tcp/1', false],
  ['/ip4/0.0.0.0/tcp/1', false],
  ['/ip4/224.0.0.1/tcp/1', false],
  ['/ip6/::1/tcp/1', false],
  ['/ip6/fe80::1/tcp/1', false],
  ['/ip6/fd00::1/tcp/1', false],
  ['/ip6/::ffff:127.0.0.1/tcp/1', false],
  ['/ip6/64:ff9b::7f00:1/tcp/1', false],
])('knows whether %s is in the public network', (text, isPublic) => {
  const address = parsePeerAddress(text)
  expect(address && isPublicPlace(address)).toBe(isPublic)
})

test('merges the addresses of one peer into one entry', () => {
  const addresses = [`/ip4/192.0.2.1/tcp/1/p2p/${peerId}`, `/dns4/b.example/tcp/2/p2p/${other}`, `/ip6/::1/tcp/3/p2p/${peerId}`]
  expect(reachablePeers(addresses)).toEqual([
    { peerId, addresses: [addresses[0], addresses[2]] },
    { peerId: other, addresses: [addresses[1]] },
  ])
})
