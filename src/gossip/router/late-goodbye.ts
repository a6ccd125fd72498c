import type { Connection, PeerId } from '@libp2p/interface'

interface Part {
  readonly components: { readonly connectionManager: { getConnections(peer: PeerId): Connection[] } }
  onPeerDisconnected(peer: PeerId): void
  removePeer(peer: PeerId): void
  handlePeerReadStreamError(error: Error, peer: PeerId): void
}

/**
 * Keeps a peer that has come back. libp2p tells the router of a closed connection only after it has looked the peer up, and by then the
 * peer may have a new connection. Unpatched, gossipsub 17.1.1 forgets the peer together with that one: connected, but neither heard nor
 * told anything.
 */
export function ignoreLateGoodbyes(router: Part): void {
  const disconnected = router.onPeerDisconnected.bind(router)
  router.onPeerDisconnected = (peer) => {
    const isBack = router.components.connectionManager.getConnections(peer).some(({ status }) => status === 'open')
    if (!isBack) disconnected(peer)
  }
  // A stream that cannot be read any more ends it, whatever the connection is like.
  router.handlePeerReadStreamError = (_, peer) => router.removePeer(peer)
}
