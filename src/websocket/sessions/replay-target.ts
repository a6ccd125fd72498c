import type { Client } from '../clients/client.ts'
import type { Subscription } from '../clients/client-message.ts'
import { NOTICE_TOPIC, topicOf } from '../feed/feed.ts'
import type { FeedItem } from '../feed/feed-item.ts'
import type { ClassPlace, LiveWish } from '../feed/filter-classes.ts'
import { caughtUpFrame, type GapFacts, gapFrame, pingFrame } from '../feed/frames.ts'

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

export interface ClientTargetDeps {
  gapSent(reason: GapReason): void
  /** A place among the clients with the same filter; null when there are too many filters. */
  joinClass(wish: LiveWish): ClassPlace | null
}

/** The client is told, and may come again without a filter. */
export class TooManyFiltersError extends Error {
  override readonly name = 'TooManyFiltersError'
  readonly code = 'BRIDGE_TOO_MANY_FILTERS'
}

export interface ClientTarget extends ReplayTarget {
  /** A replay may look for long and find nothing. Its ping carries the cursor up to which it has looked, not that of the live stream. */
  ping(now: number): void
}

/** A connection: its replay ends in the live stream. `caughtUp` throws a TooManyFiltersError. */
export function clientTarget(client: Client, subscription: Subscription, { gapSent, joinClass }: ClientTargetDeps): ClientTarget {
  const { types, filter, batchMs } = subscription
  let looked = subscription.cursor?.text ?? null
  const follow = () => {
    if (filter === null && batchMs === 0) return client.follow([NOTICE_TOPIC, ...[...types].map(topicOf)])
    const place = joinClass(subscription)
    if (!place) throw new TooManyFiltersError('too many different filters are in use; subscribe without a filter, or try again later')
    client.follow([NOTICE_TOPIC, place.topic], place.leave)
  }
  return {
    gap(gap) {
      client.send([gapFrame(gap)])
      gapSent(gap.reason)
    },
    events(wanted, cursor) {
      looked = cursor
      if (wanted.length === 0) return
      if (batchMs === 0) client.sendItems(wanted)
      else client.send([`[${wanted.map(({ frame }) => frame).join(',')}]`])
    },
    readOn: (signal) => client.readOn(signal),
    caughtUp(cursor) {
      follow()
      client.send([caughtUpFrame(cursor)])
    },
    ping: (now) => client.send([pingFrame(looked, now)]),
  }
}
