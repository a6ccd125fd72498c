import type { LogEvent } from '../events/event.ts'
import type { RecordHandler } from '../events/record-handler.ts'
import type { KafkaRecord, OutgoingRecord } from '../kafka/record.ts'
import type { Announcement } from '../messages/announcement.ts'

export interface KafkaToLogOptions {
  readonly network: string
  readonly bridgeId: string
}

export interface KafkaToLogDeps {
  /** The own announcement in a record of an in-topic; undefined for what is not the own node's. Throws BadInputError. */
  readonly toAnnouncement: (record: KafkaRecord) => Announcement | undefined
  readonly eventId: (announcement: Announcement, signer: string) => string
  readonly toRecord: (event: LogEvent) => OutgoingRecord
  /** Resolves when the log has acknowledged the record. */
  readonly send: (record: OutgoingRecord) => Promise<unknown>
  readonly now: () => number
}

/**
 * The own node's notifications to the log, so that browsers see them whether or not a peer is there. A redelivered record
 * gets the same event id, and every reader of the log takes the first occurrence.
 */
export function kafkaToLog({ network, bridgeId }: KafkaToLogOptions, deps: KafkaToLogDeps): RecordHandler {
  return async (record) => {
    if (record.headers['bridge-id'] === bridgeId) return 'own-bridge'
    const announcement = deps.toAnnouncement(record)
    if (!announcement) return 'skipped'
    const id = deps.eventId(announcement, bridgeId)
    const event: LogEvent = { id, network, bridgeId, origin: 'own', peerId: null, receivedAt: deps.now(), ...announcement }
    await deps.send(deps.toRecord(event))
    return 'sent'
  }
}
