/** A place in the event log. Keep it as it is: its parts are not for clients. */
export type Cursor = string

export type EventType = 'block' | 'subtree' | 'mining-on' | 'rejected-tx' | 'node-status' | 'sync' | 'ban' | 'instance'

/** Which events of its types a client gets. An event has to pass every part that is given, and one without the property does not pass. */
export interface EventFilter {
  /** Peer ids of signers, up to 32. */
  readonly peer?: string | readonly string[]
  readonly minHeight?: number
  /** Hexadecimal, in display order. */
  readonly hashPrefix?: string
  /** `own`: of the bridge's own node. */
  readonly origin?: 'own' | 'network'
}

/** An event of the event log. The content stands in `data` under a name that depends on `type`: docs/websocket.md shows each. */
export interface BridgeEvent {
  readonly type: 'event'
  /** The same for all copies of one event, on every instance. */
  readonly id: string
  readonly cursor: Cursor
  readonly data: {
    readonly type: EventType
    readonly origin: 'own' | 'network'
    /** The verified signer. Own events may have none. */
    readonly peerId?: string
    /** Milliseconds since the epoch, by the clock of the instance that heard it first. */
    readonly receivedAt: number
    /** The same by the event log's clock. */
    readonly loggedAt: number
    /** The record in Kafka from which an own announcement was made. */
    readonly source?: { readonly topic: string; readonly partition: number; readonly offset: number }
    readonly [content: string]: unknown
  }
}

/** Events are missing. */
export interface Gap {
  readonly type: 'gap'
  /** The cursor before the gap; null when there was none. */
  readonly requested: Cursor | null
  /** The cursor of the next event; null when there is none yet. */
  readonly oldest: Cursor | null
  readonly reason: string
  /** Upper bound on the events missed, if it is known. */
  readonly missed?: number
}

/** The server, as it greets. */
export interface Hello {
  readonly type: 'hello'
  readonly server: string
  readonly instance: string
  readonly bridgeId: string
  readonly network: string
  readonly peerId: string | null
  /** Null if there is no event; absent while the instance does not know yet. */
  readonly oldest?: Cursor | null
  readonly newest?: Cursor | null
  readonly types: readonly string[]
  readonly [more: string]: unknown
}

/** All that a server may send, as far as a client looks at it. */
export type ServerMessage =
  | Hello
  | BridgeEvent
  | Gap
  | { readonly type: 'caught-up' | 'ping' | 'unsubscribed'; readonly cursor: Cursor | null }
  | { readonly type: 'error'; readonly code: string; readonly message: string }
