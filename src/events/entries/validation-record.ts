import { announcedHash, contentOf, kindOf } from '../../messages/announcement.ts'
import type { Codec } from '../../messages/codec/codec.ts'
import type { TopicValues } from '../../messages/topic-values.ts'
import type { ValidationTopic } from '../../messages/topics.ts'
import type { LogEvent } from '../event.ts'
import { eventHeaders } from './event-record.ts'

/** A record for a validation service, with the role of its topic. */
export interface ValidationRecord {
  readonly topic: ValidationTopic
  readonly record: { readonly key: string | Buffer; readonly value: Buffer; readonly headers: Readonly<Record<string, string>> }
}

/** How the records' keys are written: the hash as text, or its bytes in internal order (the reverse of the text), as Teranode did until November 2025. */
export type KeyForm = 'text' | 'bytes'

export interface ValidationRecordDeps {
  readonly codec: Codec
  readonly keyForm: KeyForm
}

/**
 * Turns an event into a record for the validation services: foreign announcements of the kinds that a service validates, and the best
 * block of a peer that is ahead. Undefined for all other events.
 */
export function toValidationRecord(event: LogEvent, deps: ValidationRecordDeps): ValidationRecord | undefined {
  const { id: eventId, peerId } = event
  if (event.type === 'sync') {
    const { hash, height, dataHubUrl: url } = event.sync
    return toRecord('blocks', hash, { hash, url, peerId, height, header: null, eventId }, event, deps)
  }
  if (event.origin === 'own' || event.type === 'ban' || event.type === 'instance') return undefined
  const { validation } = kindOf(event.type)
  if (validation === null) return undefined
  const value = validation.toValue(contentOf(event), { peerId, eventId }) as TopicValues[ValidationTopic]
  return toRecord(validation.topic, announcedHash(event), value, event, deps)
}

function toRecord<T extends ValidationTopic>(
  topic: T,
  hash: string,
  value: TopicValues[T],
  event: LogEvent,
  { codec, keyForm }: ValidationRecordDeps,
): ValidationRecord {
  const headers = eventHeaders(event, codec.schemaHeader(topic))
  const key = keyForm === 'text' ? hash : Buffer.from(hash, 'hex').reverse()
  return { topic, record: { key, value: codec.encode(topic, value), headers } }
}
