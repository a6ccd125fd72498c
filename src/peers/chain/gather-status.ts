import type { Clock } from '../../lifecycle/clock.ts'
import { type LISTEN_MODES, type NodeStatus, UNSAID_STATUS } from '../../messages/dialects/envelope/node-status.ts'
import type { OwnBest } from '../handshakes.ts'

/** What only the operator knows of his node; the settings say it. */
export interface StatedOfNode {
  readonly storage: 'unsaid' | 'full' | 'pruned'
  /** BSV a kilobyte; null: not said. */
  readonly minMiningTxFee: number | null
}

export interface GatherStatusOptions {
  readonly clientName: string
  readonly dataHubUrl: string
  readonly listenMode: (typeof LISTEN_MODES)[number]
  readonly version: string
  readonly stated: StatedOfNode
}

export interface GatherStatusDeps {
  readonly ownBest: () => (OwnBest & { readonly miner: string }) | undefined
  /** Number of connected peers. */
  readonly peers: () => number
  readonly clock: Pick<Clock, 'wall' | 'steady'>
}

/**
 * What this node says of itself. Of the own node only the best block and its miner are known, from the event log, and what its operator
 * states. Teranode fills `miner_name` with the miner of the best block too. What is not known is left out or empty: transactions and
 * subtrees of the block that is assembled, chain work, the peer of a catch-up, commit, the URL for transactions, the fee policy as a whole.
 */
export function gatherStatus(
  { clientName, dataHubUrl, listenMode, version, stated }: GatherStatusOptions,
  deps: GatherStatusDeps,
): () => NodeStatus {
  const { ownBest, peers, clock } = deps
  const startedAt = clock.wall()
  const since = clock.steady()
  return () => {
    const best = ownBest()
    return {
      ...UNSAID_STATUS,
      storage: stated.storage === 'unsaid' ? '' : stated.storage,
      minMiningTxFee: stated.minMiningTxFee,
      clientName,
      // A node that only listens offers no data.
      dataHubUrl: listenMode === 'full' ? dataHubUrl : '',
      listenMode,
      version,
      bestBlockHash: best?.hash ?? '',
      bestHeight: best?.height ?? 0,
      minerName: best?.miner ?? '',
      fsmState: best ? 'RUNNING' : 'UNKNOWN',
      startTime: BigInt(Math.floor(startedAt / 1000)),
      uptime: (clock.steady() - since) / 1000,
      connectedPeersCount: BigInt(peers()),
    }
  }
}
