import { announcedHash, contentOf, kindOf } from '../../messages/announcement.ts'
import type { Codec } from '../../messages/codec/codec.ts'
import type { TopicValues } from '../../messages/topic-values.ts'
import type { ValidationTopic } from '../../messages/topics.ts'
import type { LogEvent } from '../event.ts'
import { type EventRecord, eventHeaders } from './event-record.ts'

/** A record for a validation service, with the role of its topic. */
export interface ValidationRecord {
  readonly topic: ValidationTopic
  readonly record: EventRecord
}

/**
 * Turns an event into a record for the validation services: foreign announcements of the kinds that a service validates, and the best
 * block of a peer that is ahead. Undefined for all other events.
 */
export function toValidationRecord(event: LogEvent, codec: Codec): ValidationRecord | undefined {
  const { id: eventId, peerId } = event
  if (event.type === 'sync') {
    const { hash, height, dataHubUrl: url } = event.sync
    return toRecord('blocks', hash, { hash, url, peerId, height, header: null, eventId }, event, codec)
  }
  if (event.origin === 'own' || event.type === 'ban' || event.type === 'instance') return undefined
  const { validation } = kindOf(event.type)
  if (validation === null) return undefined
  const value = validation.toValue(contentOf(event), { peerId, eventId }) as TopicValues[ValidationTopic]
  return toRecord(validation.topic, announcedHash(event), value, event, codec)
}

function toRecord<T extends ValidationTopic>(
  topic: T,
  key: string,
  value: TopicValues[T],
  event: LogEvent,
  codec: Codec,
): ValidationRecord {
  const headers = { ...eventHeaders(event), type: event.type, schema: codec.schemaHeader(topic) }
  return { topic, record: { key, value: codec.encode(topic, value), headers } }
}
