/** One event in the form that clients receive, serialised by src/flows/log-to-browsers.ts. */
export interface FeedItem {
  readonly offset: bigint
  readonly cursor: string
  readonly id: string
  readonly type: string
  /** The text of the `event` message of `gossip-bridge.v1+json`. */
  readonly frame: string
  /** The text for clients without a subprotocol; null when they do not get this event. */
  readonly teranode: string | null
}

/** A gap in the live stream: the offset requested, and the offset where the stream continues. */
export interface FeedGap {
  readonly requested: bigint
  readonly next: bigint
  readonly reason: string
}

export interface HistoryPage {
  readonly items: readonly FeedItem[]
  /** The offset to read next. */
  readonly next: bigint
  /** The requested offset is not in the event log (expired, or of another topic); the event log begins at `next`. */
  readonly outside: boolean
}

/** Past events of the feed. Calls may be slow, and reject while the event log cannot be read. */
export interface FeedHistory {
  open(): { read(from: bigint): Promise<HistoryPage> }
  startOfLast(count: number, types: ReadonlySet<string>): Promise<bigint>
  oldest(): Promise<string | null>
  /** Returns the offset of a cursor, null when the text is not a cursor. */
  offsetOf(cursor: string): bigint | null
}
