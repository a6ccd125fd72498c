import type { IncomingHttpHeaders } from 'node:http'
import type { Ban, BanChange } from '../bans/ban.ts'
import type { BanCommand } from '../bans/ban-command.ts'
import type { DialFailure } from '../peers/ports.ts'

/** A request as an HTTP server sees it. */
export interface RawRequest {
  readonly method: string
  /** Path and query. */
  readonly target: string
  readonly headers: IncomingHttpHeaders
  readonly address: string
  /** Reads the body. Throws AdminError 413 when it is too large. */
  readonly readBody: () => Promise<string>
}

export interface HttpAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** JSON. */
  readonly text: string
}

/** The door of the dashboard: requests under `/v1` on the port of browsers. Never rejects. */
export interface DashboardDoor {
  respond(request: RawRequest): Promise<HttpAnswer>
}

/** Who asked for a change, and by which door. It stands in the log, and in the audit of the ban list. */
export interface Requester {
  readonly door: 'http' | 'grpc' | 'dashboard'
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
  /** Those of them in whose mesh the peer is: messages go to and come from it in full. */
  readonly mesh: readonly string[]
  /** Round trip of the last ping that the peer has answered, in milliseconds; null before the first. */
  readonly latencyMs: number | null
  /** The height that its announcements named last; null while it has named none. */
  readonly height: number | null
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

/** An instance of the own bridge, from its last record in the event log. */
export interface InstanceInfo {
  readonly instanceId: string
  readonly peerId: string | null
  readonly version: string
  /** The broker's time of the record, in milliseconds since the epoch. An instance writes one each minute. */
  readonly heardAt: number
}

/** Kafka, as this instance reads it. */
export interface KafkaStatus {
  /** Records between the committed offset and the end, of the partitions that this instance reads. */
  readonly lags: readonly { readonly group: string; readonly topic: string; readonly records: number }[]
  /** Records of the event log that this instance has yet to read; null before the first read. */
  readonly tailLag: number | null
  /** How far this host's clock is ahead of the brokers' (below 0: behind); null where nothing is written. */
  readonly clockAheadMs: number | null
}

/** What waits to be written to the event log. */
export interface PendingStatus {
  readonly records: number
  readonly bytes: number
}

/** The WebSocket clients, and the events that are kept for those that were away briefly. */
export interface BrowsersStatus {
  readonly clients: number
  readonly recentEvents: number
}

/** A connected peer in the status. Times are ISO 8601. */
export interface PeerStatus extends Omit<PeerInfo, 'connectedAt'> {
  readonly connectedAt: string
  /** Score of its signer; null where none is kept or known. */
  readonly points: number | null
}

/** A ban in the status. Times are ISO 8601; `until` is null for a ban without an end. */
export interface BanStatus extends Omit<Ban, 'since' | 'until'> {
  readonly since: string
  readonly until: string | null
  /** Door, who, and what the audit says beside; null where nothing is known. */
  readonly evidence: Readonly<Record<string, unknown>> | null
}

/** The bridge as this instance sees it. Null stands for what this instance cannot know, and for what a summary leaves out. */
export interface BridgeStatus {
  /** `summary`: without addresses, reasons and entries. */
  readonly view: 'full' | 'summary'
  /** ISO 8601, by this host's clock. */
  readonly time: string
  readonly uptimeSeconds: number
  readonly version: string
  readonly bridgeId: string
  readonly instanceId: string
  readonly network: string
  readonly roles: readonly string[]
  readonly peerId: string | null
  readonly ready: boolean
  readonly parts: readonly {
    readonly part: string
    readonly ready: boolean
    readonly reason: string | null
    readonly isSettling?: boolean
  }[]
  readonly isPrimary: boolean | null
  /** The live instances of this bridge, the own one included. */
  readonly instances: readonly (Omit<InstanceInfo, 'heardAt'> & { readonly heardAt: string | null; readonly isOwn: boolean })[]
  /** At most 300, the longest connected first. */
  readonly peers: { readonly total: number; readonly list: readonly PeerStatus[] | null } | null
  /** At most 100, the newest first. */
  readonly bans: { readonly total: number; readonly list: readonly BanStatus[] | null } | null
  readonly kafka: KafkaStatus | null
  readonly pending: PendingStatus | null
  readonly browsers: BrowsersStatus | null
  /** Whether the ban list follows its database; null without one. */
  readonly database: { readonly isUp: boolean } | null
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
  readonly status: () => Promise<BridgeStatus>
}

/** A status of gRPC, other than OK. */
export type RpcFailure =
  | 'INVALID_ARGUMENT'
  | 'UNAUTHENTICATED'
  | 'PERMISSION_DENIED'
  | 'RESOURCE_EXHAUSTED'
  | 'FAILED_PRECONDITION'
  | 'UNAVAILABLE'
  | 'INTERNAL'

/** A remote procedure call as it came in. */
export interface RpcCall {
  readonly method: string
  /** All fields of the message, by their names in the proto: 64-bit numbers as decimal text, bytes as a Buffer. */
  readonly request: Readonly<Record<string, unknown>>
  readonly address: string
  /** `x-api-key` and `x-actor` of the metadata. */
  readonly key: string | undefined
  readonly actor: string | undefined
}

export type RpcAnswer = { readonly response: object } | { readonly failure: RpcFailure; readonly message: string }

/** The calls that the gRPC server serves. */
export interface RpcService {
  readonly methods: readonly string[]
  /** Never rejects, and answers within a deadline. */
  call(call: RpcCall): Promise<RpcAnswer>
}
