/** One event as clients get it, serialised by its maker: see src/flows/log-to-browsers.ts. */
export interface FeedItem {
  readonly offset: bigint
  readonly cursor: string
  readonly id: string
  readonly type: string
  /** The text of the `event` message of `gossip-bridge.v1+json`. */
  readonly frame: string
  /** The text for clients without a subprotocol; null where they get nothing. */
  readonly teranode: string | null
}

/** A hole in the live stream: what was asked for next, and where it goes on. */
export interface FeedGap {
  readonly requested: bigint
  readonly next: bigint
  readonly reason: string
}

export interface HistoryPage {
  readonly items: readonly FeedItem[]
  /** Where to read on. */
  readonly next: bigint
  /** The offset asked for is not in the log (too old, or of another log); the log begins at `next`. */
  readonly outside: boolean
}

/** The past of the feed, which may take its time. Each call may reject while the log cannot be read. */
export interface FeedHistory {
  open(): { read(from: bigint): Promise<HistoryPage> }
  startOfLast(count: number, types: ReadonlySet<string>): Promise<bigint>
  oldest(): Promise<string | null>
  /** The offset that a cursor names, null when the text is no cursor. */
  offsetOf(cursor: string): bigint | null
}
