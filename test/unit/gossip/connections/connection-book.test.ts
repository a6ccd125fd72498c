import type { Connection } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { expect, test } from 'vitest'
import { createConnectionBook } from '../../../../src/gossip/connections/connection-book.ts'

const peerId = '12D3KooWAFXWuxgdJoRsaA4J4RRRr8yu6WCrAPf8FaS7UfZg3ceG'

function connection(id: string, address: string, open: number): Connection {
  const fields = { id, remotePeer: peerIdFromString(peerId), remoteAddr: multiaddr(address), direction: 'inbound', timeline: { open } }
  return fields as unknown as Connection
}

test('a peer with two connections is listed once, by the older one, until both are closed', () => {
  const book = createConnectionBook()
  const first = connection('1', '/ip4/192.0.2.1/tcp/1', 10)
  const second = connection('2', '/ip4/192.0.2.2/tcp/1', 20)
  book.opened(first)
  book.opened(second)
  expect(book.connectionsOf(peerId)).toBe(2)
  expect(book.peers()).toEqual([{ peerId, address: '192.0.2.1', direction: 'inbound', connectedAt: 10, latencyMs: null }])
  book.closed(first)
  expect(book.addressOf(peerId)).toBe('192.0.2.2')
  book.closed(second)
  expect(book.peers()).toEqual([])
  expect(book.addressOf(peerId)).toBeNull()
  expect(book.connectionsOf(peerId)).toBe(0)
})

test('the latency of a peer is that of its last answer, while it is connected', () => {
  const book = createConnectionBook()
  const only = connection('1', '/ip4/192.0.2.1/tcp/1', 10)
  book.answered(peerId, 5)
  book.opened(only)
  expect(book.peers()).toMatchObject([{ latencyMs: null }])
  book.answered(peerId, 7)
  book.answered(peerId, 9)
  expect(book.peers()).toMatchObject([{ latencyMs: 9 }])
  book.closed(only)
  book.opened(only)
  expect(book.peers()).toMatchObject([{ latencyMs: null }])
})

test('a connection without an IP address has the address null', () => {
  const book = createConnectionBook()
  book.opened(connection('1', '/dns4/a.example/tcp/1', 10))
  expect(book.addressOf(peerId)).toBeNull()
})
