import type { Connection, PeerId, Stream } from '@libp2p/interface'
import type { RouterAdditions, RouterInternals } from './router.ts'

const MESHSUB = '/meshsub/'

/** How long a replaced stream may take to send what it has buffered. */
const CLOSE_TIMEOUT_MS = 5000

/** Whether this is an open gossip stream that we (outbound) or the peer (inbound) opened. */
export function isGossipStream(stream: Stream, direction: 'inbound' | 'outbound'): boolean {
  return stream.direction === direction && stream.status === 'open' && stream.protocol.startsWith(MESHSUB)
}

/**
 * Whether the peer still reads from an outbound gossip stream. Nobody writes on the other half of that stream, so a peer that closes
 * it gives the stream up: rust-libp2p does so when an RPC is too large for it. Yamux goes on taking our bytes.
 */
export function isRead(stream: Stream): boolean {
  return stream.writeStatus === 'writable' && stream.remoteWriteStatus === 'writable'
}

/** The outbound gossip streams that the peers read from. */
export function outboundStreams(connections: readonly Connection[]): Stream[] {
  return connections.flatMap(({ streams }) => streams).filter((stream) => isGossipStream(stream, 'outbound') && isRead(stream))
}

/** Whether what the router sends to this peer is read by it. */
export function isReached(router: Pick<RouterInternals, 'streamsOutbound'>, peerId: string): boolean {
  const stream = router.streamsOutbound.get(peerId)?.rawStream
  return stream !== undefined && stream.status === 'open' && isRead(stream)
}

/**
 * Replaces our gossip stream to a peer on its open connection: nothing is dialled, and the peer's own stream stays. The new stream
 * tells our subscriptions again, and offers the messages of the last seconds. False when that cannot help: the router has forgotten
 * the peer, or the stream does not open.
 */
export async function reopenStream(
  router: Pick<RouterInternals, 'peers' | 'streamsOutbound'> & RouterAdditions,
  peer: PeerId,
  connection: Connection,
): Promise<boolean> {
  const peerId = peer.toString()
  if (!router.peers.has(peerId)) return false
  const old = router.streamsOutbound.get(peerId)?.rawStream
  router.streamsOutbound.delete(peerId)
  // Closed, not reset: at a reset, gossipsub's JavaScript implementation forgets the peer together with its new stream.
  if (old?.status === 'open') void old.close({ signal: AbortSignal.timeout(CLOSE_TIMEOUT_MS) }).catch((error: Error) => old.abort(error))
  await router.openStream(peer, connection)
  return isReached(router, peerId)
}
