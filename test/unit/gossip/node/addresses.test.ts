import { multiaddr } from '@multiformats/multiaddr'
import { expect, test } from 'vitest'
import { announceMultiaddrs, ipOf, listenMultiaddrs } from '../../../../src/gossip/node/addresses.ts'

const peerId = '12D3KooWAFXWuxgdJoRsaA4J4RRRr8yu6WCrAPf8FaS7UfZg3ceG'

test('listens on IPv4 and IPv6 addresses', () => {
  expect(listenMultiaddrs(['0.0.0.0', '::', '[::1]'], 9905)).toEqual(['/ip4/0.0.0.0/tcp/9905', '/ip6/::/tcp/9905', '/ip6/::1/tcp/9905'])
})

test('refuses to listen on a DNS name', () => {
  expect(() => listenMultiaddrs(['localhost'], 9905)).toThrow('p2p_listen_addresses: localhost is not an IPv4 or IPv6 address')
})

test.each([
  ['192.0.2.1', '/ip4/192.0.2.1/tcp/9905'],
  ['192.0.2.1:1', '/ip4/192.0.2.1/tcp/1'],
  ['bridge.example', '/dns/bridge.example/tcp/9905'],
  [' my-node_1.example.org:65535 ', '/dns/my-node_1.example.org/tcp/65535'],
  ['2001:db8::1', '/ip6/2001:db8::1/tcp/9905'],
  ['[2001:db8::1]', '/ip6/2001:db8::1/tcp/9905'],
  ['[2001:db8::1]:7', '/ip6/2001:db8::1/tcp/7'],
  ['/dns4/bridge.example/tcp/1', '/dns4/bridge.example/tcp/1'],
  [`/ip4/192.0.2.1/tcp/1/p2p/${peerId}`, '/ip4/192.0.2.1/tcp/1'],
])('announces %s as %s', (address, expected) => {
  expect(announceMultiaddrs([address], 9905)).toEqual([expected])
  expect(() => multiaddr(expected)).not.toThrow()
})

test.each(['', ':9905', 'host:', 'host:0', 'host:65536', 'host:http', '2001:db8::1:9905x', 'a b', 'host/path', '/ip4/nonsense'])(
  'refuses to announce %j',
  (address) => {
    expect(() => announceMultiaddrs([address], 9905)).toThrow('p2p_advertise_addresses')
  },
)

test('finds the IP address of a multiaddress, if it has one', () => {
  expect(ipOf(multiaddr(`/ip4/192.0.2.1/tcp/1/p2p/${peerId}`))).toBe('192.0.2.1')
  expect(ipOf(multiaddr('/ip6/::1/tcp/1'))).toBe('::1')
  expect(ipOf(multiaddr('/dns4/b.example/tcp/2'))).toBeNull()
})
