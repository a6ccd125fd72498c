import type { Connection, PeerId } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { withDeadline } from '../../lifecycle/time.ts'
import type { Dial } from '../../peers/ports.ts'
import type { GossipNode } from '../node/node.ts'
import { reopenStream } from '../router/streams.ts'
import { dialInTurn } from './dial-in-turn.ts'
import type { GossipTimings } from './timings.ts'

export function reopenInTime(node: GossipNode, peer: PeerId, connection: Connection, { dialTimeoutMs }: GossipTimings): Promise<boolean> {
  return withDeadline(reopenStream(node.services.pubsub, peer, connection), dialTimeoutMs, 'opening a gossip stream')
}

/** How long the dial of one peer may take, in times of the dial of one address. A found peer's addresses may all be lies. */
const DIALS = { known: 12, found: 2 }

export async function dialInTime(
  node: GossipNode,
  { addresses, source }: Pick<Dial, 'addresses' | 'source'>,
  { dialTimeoutMs: eachMs }: GossipTimings,
  { stopped, now }: { stopped: AbortSignal; now: () => number },
): Promise<void> {
  const allMs = eachMs * (source === 'found' ? DIALS.found : DIALS.known)
  await dialInTurn(addresses, { eachMs, allMs }, { dial: (address, signal) => node.dial(multiaddr(address), { signal }), stopped, now })
}
