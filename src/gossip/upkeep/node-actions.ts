import type { Connection, PeerId } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { DeadlineError, withDeadline } from '../../lifecycle/time.ts'
import type { Dial } from '../../peers/ports.ts'
import type { GossipNode } from '../node/node.ts'
import { reopenStream } from '../router/streams.ts'
import { dialInTurn } from './dial-in-turn.ts'
import type { GossipTimings } from './timings.ts'

/** Replaces our gossip stream on this connection. False if that does not help, also because the peer does not answer in time. */
export async function reopenInTime(
  { services }: { services: Pick<GossipNode['services'], 'pubsub'> },
  peer: PeerId,
  connection: Connection,
  { dialTimeoutMs }: Pick<GossipTimings, 'dialTimeoutMs'>,
): Promise<boolean> {
  try {
    return await withDeadline(reopenStream(services.pubsub, peer, connection), dialTimeoutMs, 'opening a gossip stream')
  } catch (error) {
    if (error instanceof DeadlineError) return false
    throw error
  }
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
