import type { RecordOccurrence } from '../events/entries/occurrence.ts'
import type { LogEvent } from '../events/event.ts'
import type { RecordHandler } from '../events/ports.ts'
import type { KafkaRecord } from '../kafka/record.ts'
import type { Announcement } from '../messages/announcement.ts'

export interface KafkaToLogOptions {
  readonly network: string
  readonly bridgeId: string
}

export interface KafkaToLogDeps {
  /** The own announcement in a record of an in-topic; undefined for a record that is not the own node's. Throws BadInputError. */
  readonly toAnnouncement: (record: KafkaRecord) => Announcement | undefined
  readonly eventId: (announcement: Announcement, source: string, occurrence: RecordOccurrence) => string
  /** Resolves with `sent` when the event is acknowledged, or at once with another word if readers would ignore the event. */
  readonly append: (event: LogEvent, occurrence: RecordOccurrence) => Promise<string>
  readonly now: () => number
}

/**
 * The own node's notifications to the event log, so that browsers see them whether or not a peer is connected. A redelivered record
 * gets the same event id, and every reader of the event log takes the first occurrence.
 */
export function kafkaToLog({ network, bridgeId }: KafkaToLogOptions, deps: KafkaToLogDeps): RecordHandler {
  return async (record) => {
    if (record.headers['bridge-id'] === bridgeId) return 'own-bridge'
    const announcement = deps.toAnnouncement(record)
    if (!announcement) return 'skipped'
    const id = deps.eventId(announcement, bridgeId, record)
    return deps.append({ id, network, bridgeId, origin: 'own', peerId: null, receivedAt: deps.now(), ...announcement }, record)
  }
}
