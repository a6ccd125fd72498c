import type { FeedItem } from '../feed/feed-item.ts'
import type { GapFacts } from '../feed/frames.ts'

export type GapReason = 'expired' | 'unknown-cursor' | 'skipped'

/** A gap that a replay found. */
export type ReplayGap = GapFacts & { readonly reason: GapReason }

/** Where a replay goes: a client's connection, or an answer that is being put together. */
export interface ReplayTarget {
  gap(gap: ReplayGap): void
  /** The wanted events of a piece, possibly none; `cursor` is that of the last event that was looked at. */
  events(wanted: readonly FeedItem[], cursor: string): void
  /** Resolves when the next piece may be sent, or when the signal aborts. */
  readOn(signal: AbortSignal): Promise<void>
  /** All of the past is there. `cursor` is that of the newest event; null when there is none. */
  caughtUp(cursor: string | null): void
}
