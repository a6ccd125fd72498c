import type { Ban, BanChange } from '../bans/ban.ts'
import type { BanCommand } from '../bans/ban-command.ts'
import type { DialFailure } from '../peers/ports.ts'

/** Who asked for a change, and by which door. It stands in the log, and in the audit of the ban list. */
export interface Requester {
  readonly door: 'http'
  readonly address: string
  /** The name that the client gave in `x-actor`; null without one. Anybody with the key may give any name. */
  readonly actor: string | null
}

/** The ban list, as its doors use it. */
export interface BansAdmin {
  /** The bans in force. */
  list(): readonly Ban[]
  /** The ban that covers the whole of an address, CIDR or peer id, if any. Throws BadInputError if the text is none of them. */
  check(text: string): Ban | undefined
  /** Durable when it resolves. Throws BadInputError for an invalid command, RetryLaterError while the list cannot be changed. */
  change(command: BanCommand, requester: Requester): Promise<BanChange>
}

export interface PeerInfo {
  readonly peerId: string
  /** Null where the connection has none. */
  readonly address: string | null
  readonly direction: 'inbound' | 'outbound'
  /** Milliseconds since the epoch. */
  readonly connectedAt: number
  /** Gossip topics of ours that the peer is subscribed to. */
  readonly topics: readonly string[]
  /** The settings name it, so that it is dialled again whenever it is lost. */
  readonly isOfSettings: boolean
  /** An instance of the own bridge. */
  readonly isSibling: boolean
}

/** The connected peers. */
export interface PeersAdmin {
  list(): readonly PeerInfo[]
  /** Dials a multiaddress that ends in a peer id. Resolves with the reason when no connection comes about. */
  connect(address: string, requester: Requester): Promise<DialFailure | undefined>
  /** Closes all connections of the peer. False if it has none. */
  disconnect(peerId: string, requester: Requester): boolean
}

export interface BridgeStatus {
  readonly version: string
  readonly bridgeId: string
  readonly instanceId: string
  readonly network: string
  readonly roles: readonly string[]
  readonly peerId: string
  readonly ready: boolean
  readonly parts: readonly { readonly part: string; readonly ready: boolean; readonly reason: string }[]
  readonly isPrimary: boolean
  /** Ids of the live instances of this bridge, the own one included. */
  readonly instances: readonly string[]
  readonly peers: number
  readonly bans: number
}

/** The scores of signers. */
export interface ScoresAdmin {
  /** The highest ones, by decreasing points; `at`: milliseconds since the epoch, when they stood so. Throws RetryLaterError while the store is away. */
  list(limit: number): Promise<readonly { readonly peerId: string; readonly points: number; readonly at: number }[]>
}

/** What the admin API shows and changes. */
export interface AdminPorts {
  readonly bans: BansAdmin
  readonly peers: PeersAdmin
  /** Undefined where no scores are kept. */
  readonly scores: ScoresAdmin | undefined
  readonly status: () => BridgeStatus
}
