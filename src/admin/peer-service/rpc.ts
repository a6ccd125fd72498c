import type { PeerRegistry, Reputations } from '../../reputation/ports.ts'
import type { ScoreReason } from '../../scores/offence.ts'
import type { BansAdmin, PeersAdmin, Requester, RpcFailure } from '../ports.ts'

/** An offence that somebody charges a peer with. */
export interface Charge {
  readonly peerId: string
  readonly reason: ScoreReason
  readonly requester: Requester
}

/** What the peer service shows and changes. */
export interface PeerServicePorts {
  readonly bans: BansAdmin
  readonly peers: PeersAdmin
  /** The scores of peers, for display: see latest-scores.ts. */
  readonly scores: () => Promise<ReadonlyMap<string, number>>
  /** Charges a peer with an offence; durable when it resolves. Undefined where no scores are kept. */
  readonly charge: ((charge: Charge) => Promise<unknown>) | undefined
  /** Leaves a line in the log with who asked for a change. */
  readonly audit: (requester: Requester, fields: Readonly<Record<string, unknown>>) => void
  readonly registry: PeerRegistry
  readonly reputations: Reputations
}

/** The fields of a request: see RpcCall. */
export type RpcRequest = Readonly<Record<string, unknown>>

/** One call of the service. */
export interface Rpc {
  /** A change needs the key. */
  readonly isChange: boolean
  handle(request: RpcRequest, ports: PeerServicePorts, requester: Requester): object | Promise<object>
}

/** A call that ends with a status other than OK. The message says what happened and what to do. */
export class RpcError extends Error {
  override readonly name = 'RpcError'
  readonly code = 'BRIDGE_RPC'
  readonly failure: RpcFailure

  constructor(failure: RpcFailure, message: string) {
    super(message)
    this.failure = failure
  }
}
