/** One event in the form that clients receive, made by src/flows/log-to-browsers.ts. Reading a text the first time serialises it. */
export interface FeedItem {
  readonly offset: bigint
  readonly cursor: string
  readonly id: string
  readonly type: string
  /** Estimate of the bytes of the frame, which needs no serialising. */
  readonly size: number
  /** The text of the `event` message of `gossip-bridge.v1+json`. */
  readonly frame: string
  /** The same as UTF-8, made once for all replays that send it. */
  readonly bytes: Uint8Array
  /** The text for clients without a subprotocol; null when they do not get this event. */
  readonly teranode: string | null
  readonly facts: ItemFacts
}

/** What filters look at; null for what an event does not have. */
export interface ItemFacts {
  /** The verified signer. */
  readonly peerId: string | null
  readonly origin: 'own' | 'network'
  readonly height: number | null
  /** Lower-case hex, in display order. */
  readonly hash: string | null
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

/** A reader for one replay. It drops later copies of the events that it has read. */
export interface HistoryReader {
  /** Events from `from` to below `before`. What lies beyond is not read: it is no copy for the next call. */
  read(from: bigint, before: bigint): Promise<HistoryPage>
  /** The events at the first of these ascending offsets, and the offsets that are left. Expired ones are left out. */
  readAt(offsets: readonly bigint[]): Promise<{ readonly items: readonly FeedItem[]; readonly rest: readonly bigint[] }>
}

/** Past events of the feed. Calls may be slow, and reject while the event log cannot be read. */
export interface FeedHistory {
  /** Reads that nobody wants any more are not made. */
  open(isWanted: () => boolean): HistoryReader
  /** The offsets of the last `count` events of these types below `before`, ascending. Fewer if there are fewer. */
  last(count: number, types: ReadonlySet<string>, before: bigint, isWanted: () => boolean): Promise<readonly bigint[]>
  /** The offsets of all events of these types from `from` to below `before`, ascending; null when only reading tells. */
  between(from: bigint, before: bigint, types: ReadonlySet<string>): readonly bigint[] | null
  /** The first offset at or after a time (ms since the epoch). `isCut`: events of that time may have expired. */
  since(timeMs: number): Promise<{ readonly from: bigint; readonly isCut: boolean }>
  oldest(): Promise<string | null>
  /** Returns the offset of a cursor, null when the text is not a cursor. */
  offsetOf(cursor: string): bigint | null
}
