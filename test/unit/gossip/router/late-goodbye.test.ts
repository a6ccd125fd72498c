import type { PeerId } from '@libp2p/interface'
import { expect, test } from 'vitest'
import { ignoreLateGoodbyes } from '../../../../src/gossip/router/late-goodbye.ts'

const PEER = { toString: () => 'peer' } as PeerId

function create() {
  const statuses: string[] = []
  const removed: string[] = []
  const router = {
    components: { connectionManager: { getConnections: () => statuses.map((status) => ({ status })) as never } },
    onPeerDisconnected: (peer: PeerId) => router.removePeer(peer),
    removePeer: (peer: PeerId) => void removed.push(peer.toString()),
    handlePeerReadStreamError: (_error: Error, peer: PeerId) => router.onPeerDisconnected(peer),
  }
  ignoreLateGoodbyes(router)
  return { router, statuses, removed }
}

test('a peer that has a new connection by then is not forgotten', () => {
  const { router, statuses, removed } = create()
  statuses.push('closing', 'open')
  router.onPeerDisconnected(PEER)
  expect(removed).toEqual([])
})

test('a peer without an open connection is forgotten', () => {
  const { router, statuses, removed } = create()
  statuses.push('closing')
  router.onPeerDisconnected(PEER)
  expect(removed).toEqual(['peer'])
})

test('a peer whose stream cannot be read is forgotten, whatever its connection is like', () => {
  const { router, statuses, removed } = create()
  statuses.push('open')
  router.handlePeerReadStreamError(new Error('too long'), PEER)
  expect(removed).toEqual(['peer'])
})
