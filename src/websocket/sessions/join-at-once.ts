import type { Subscription } from '../clients/client-message.ts'
import type { RecentItems } from '../feed/recent-items.ts'
import { pieceOf, wantedOf } from './pieces.ts'
import type { ReplayTarget } from './replay-target.ts'

/** What is sent without waiting for a turn: with a thousand clients that return in one turn of the event loop, some milliseconds of it. */
const AT_ONCE_BYTES = 8 * 1024

/**
 * Brings a client into the live stream in one synchronous step, if it asks for nothing of the past, or for little that is kept in
 * memory. False: nothing was sent, and a replay has to do it. Most clients join in this way: new ones, and after an outage of the
 * network all of them, so it keeps no promise, signal or reader for them.
 */
export function joinAtOnce(target: ReplayTarget, subscription: Subscription, recent: RecentItems): boolean {
  const start = startOf(subscription, recent)
  if (start === null) return false
  if (start !== recent.position) {
    const { items, isEnd } = recent.slice(start, AT_ONCE_BYTES)
    if (!isEnd) return false
    const newest = items[items.length - 1]
    if (newest !== undefined) target.events(wantedOf(pieceOf(items), subscription), newest.cursor)
  }
  target.caughtUp(recent.cursor)
  return true
}

/** The offset of the first event that the client gets; null where only a replay can tell, or has to tell a gap. */
function startOf({ cursor, since, last }: Subscription, recent: RecentItems): bigint | null {
  const { position } = recent
  if (position === null || since !== null) return null
  if (cursor === null) return last === null || last === 0 ? position : null
  if (recent.at(cursor.offset)?.cursor !== cursor.text) return null
  const next = cursor.offset + 1n
  return last === null || position - next <= BigInt(last) ? next : null
}
