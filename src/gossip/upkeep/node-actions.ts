import type { Connection, PeerId } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { callWithDeadline, withDeadline } from '../../lifecycle/time.ts'
import type { GossipNode } from '../node/node.ts'
import { reopenStream } from '../router/streams.ts'
import type { GossipTimings } from './timings.ts'

export function reopenInTime(node: GossipNode, peer: PeerId, connection: Connection, { dialTimeoutMs }: GossipTimings): Promise<boolean> {
  return withDeadline(reopenStream(node.services.pubsub, peer, connection), dialTimeoutMs, 'opening a gossip stream')
}

export async function dialInTime(
  node: GossipNode,
  addresses: readonly string[],
  { dialTimeoutMs }: GossipTimings,
  stopped: AbortSignal,
): Promise<void> {
  const limit = { ms: dialTimeoutMs, what: 'a dial', signal: stopped }
  await callWithDeadline(limit, (signal) =>
    node.dial(
      addresses.map((address) => multiaddr(address)),
      { signal },
    ),
  )
}
