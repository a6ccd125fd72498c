import { syncId } from '../events/entries/event-id.ts'
import type { GossipOccurrence } from '../events/entries/occurrence.ts'
import type { LogEvent, Sync } from '../events/event.ts'
import type { Clock } from '../lifecycle/clock.ts'

export interface SyncToLogOptions {
  readonly network: string
  readonly bridgeId: string
}

export interface SyncToLogDeps {
  /** True for an event that is in the event log or among the pending announcements. */
  readonly isSeen: (id: string) => boolean
  readonly offer: (event: LogEvent, occurrence: GossipOccurrence) => unknown
  /** The height as far as we believe the peer, and the announced one if that is another. */
  readonly believe: (height: number, peerId: string) => { readonly believed: number; readonly announced: number | null }
  readonly clock: Pick<Clock, 'wall' | 'steady'>
}

/**
 * A peer's `version` and `verack` follow each other closely: the second may come when the event of the first is written, but has not come
 * by in the own tail yet. So an event is not offered twice within this time.
 */
const OFFER_EACH_MS = 10_000
const MAX_OFFERED = 1000

/** The best block of a peer that is ahead, to the event log: one event for each hash, from which validation can catch up. */
export function syncToLog({ network, bridgeId }: SyncToLogOptions, { isSeen, offer, believe, clock }: SyncToLogDeps) {
  const offeredAt = new Map<string, number>()

  function isOffered(id: string): boolean {
    const at = offeredAt.get(id)
    return at !== undefined && clock.steady() - at < OFFER_EACH_MS
  }

  return (peerId: string, { hash, height, dataHubUrl }: Omit<Sync, 'announcedHeight'>): 'new' | 'repeat' => {
    const id = syncId(network, hash)
    if (isSeen(id) || isOffered(id)) return 'repeat'
    offeredAt.delete(id)
    offeredAt.set(id, clock.steady())
    const [oldest] = offeredAt.keys()
    if (offeredAt.size > MAX_OFFERED && oldest !== undefined) offeredAt.delete(oldest)
    const { believed, announced } = believe(height, peerId)
    const sync: Sync = { hash, height: believed, dataHubUrl, announcedHeight: announced }
    const event = { id, network, bridgeId, origin: 'network', peerId, receivedAt: clock.wall(), type: 'sync', sync } as const
    offer(event, { sequenceNumber: 0n }) // only states have an order
    return 'new'
  }
}
