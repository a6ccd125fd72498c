import { syncId } from '../events/entries/event-id.ts'
import type { GossipOccurrence } from '../events/entries/occurrence.ts'
import type { LogEvent, Sync } from '../events/event.ts'

export interface SyncToLogOptions {
  readonly network: string
  readonly bridgeId: string
}

export interface SyncToLogDeps {
  readonly isSeen: (id: string) => boolean
  readonly offer: (event: LogEvent, occurrence: GossipOccurrence) => unknown
  readonly now: () => number
}

/** The best block of a peer that is ahead, to the event log: one event for each hash, from which validation can catch up. */
export function syncToLog({ network, bridgeId }: SyncToLogOptions, { isSeen, offer, now }: SyncToLogDeps) {
  return (peerId: string, sync: Sync): 'new' | 'repeat' => {
    const id = syncId(network, sync.hash)
    if (isSeen(id)) return 'repeat'
    const event = { id, network, bridgeId, origin: 'network', peerId, receivedAt: now(), type: 'sync', sync } as const
    offer(event, { sequenceNumber: 0n }) // only states have an order
    return 'new'
  }
}
