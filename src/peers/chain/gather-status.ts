import type { Clock } from '../../lifecycle/clock.ts'
import { type LISTEN_MODES, type NodeStatus, UNSAID_STATUS } from '../../messages/dialects/envelope/node-status.ts'
import type { OwnBest } from '../handshakes.ts'

export interface GatherStatusOptions {
  readonly clientName: string
  readonly dataHubUrl: string
  readonly listenMode: (typeof LISTEN_MODES)[number]
  readonly version: string
}

export interface GatherStatusDeps {
  readonly ownBest: () => OwnBest | undefined
  /** Number of connected peers. */
  readonly peers: () => number
  readonly clock: Pick<Clock, 'wall' | 'steady'>
}

/** What this node says of itself. Of the own node only the best block is known: it is in the event log. */
export function gatherStatus(
  { clientName, dataHubUrl, listenMode, version }: GatherStatusOptions,
  deps: GatherStatusDeps,
): () => NodeStatus {
  const { ownBest, peers, clock } = deps
  const startedAt = clock.wall()
  const since = clock.steady()
  return () => {
    const best = ownBest()
    return {
      ...UNSAID_STATUS,
      clientName,
      // A node that only listens offers no data.
      dataHubUrl: listenMode === 'full' ? dataHubUrl : '',
      listenMode,
      version,
      bestBlockHash: best?.hash ?? '',
      bestHeight: best?.height ?? 0,
      fsmState: best ? 'RUNNING' : 'UNKNOWN',
      startTime: BigInt(Math.floor(startedAt / 1000)),
      uptime: (clock.steady() - since) / 1000,
      connectedPeersCount: BigInt(peers()),
    }
  }
}
