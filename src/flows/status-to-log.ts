import type { Occurrence } from '../events/entries/occurrence.ts'
import type { LogEvent } from '../events/event.ts'
import type { Clock } from '../lifecycle/clock.ts'
import type { Announcement } from '../messages/announcement.ts'
import type { NodeStatus } from '../messages/dialects/envelope/node-status.ts'

export interface StatusToLogOptions {
  readonly network: string
  readonly bridgeId: string
}

export interface StatusToLogDeps {
  readonly eventId: (announcement: Announcement, source: string, occurrence: Occurrence) => string
  /** Leaves out a status that repeats the last one, of whichever instance of the bridge. */
  readonly append: (event: LogEvent, occurrence: Occurrence) => Promise<unknown>
  readonly clock: Pick<Clock, 'wall'>
}

/** The status of the own node to the event log, for the browsers of all instances. */
export function statusToLog({ network, bridgeId }: StatusToLogOptions, { eventId, append, clock }: StatusToLogDeps) {
  return async (nodeStatus: NodeStatus): Promise<void> => {
    const receivedAt = clock.wall()
    const announcement = { type: 'node-status', nodeStatus } as const
    // Ordered as gossip messages are: by the nanosecond.
    const occurrence = { sequenceNumber: BigInt(Math.floor(receivedAt)) * 1_000_000n }
    const id = eventId(announcement, bridgeId, occurrence)
    await append({ id, network, bridgeId, origin: 'own', peerId: null, receivedAt, ...announcement }, occurrence)
  }
}
