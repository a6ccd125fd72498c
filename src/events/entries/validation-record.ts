import type { Codec } from '../../messages/codec/codec.ts'
import { ROUTES } from '../../messages/routes.ts'
import type { LogEvent } from '../event.ts'
import { type EventRecord, eventHeaders } from './event-record.ts'

/** A record for a validation service, with the role of the topic that it goes to. */
export interface ValidationRecord {
  readonly topic: 'blocks' | 'subtrees'
  readonly record: EventRecord
}

/**
 * The record that an event of the log becomes for the validation services: foreign blocks and subtrees, and the best block
 * of a peer that is ahead. Undefined for everything else.
 */
export function toValidationRecord(event: LogEvent, codec: Codec): ValidationRecord | undefined {
  const { id: eventId, peerId } = event
  switch (event.type) {
    case 'block': {
      if (event.origin === 'own') return undefined
      const { hash, height, header, dataHubUrl: url } = event.block
      const value = codec.encode('blocks', { hash, url, peerId, height, header, eventId })
      return toRecord(ROUTES.block.validation, hash, value, event, codec)
    }
    case 'subtree': {
      if (event.origin === 'own') return undefined
      const { hash, dataHubUrl: url } = event.subtree
      return toRecord(ROUTES.subtree.validation, hash, codec.encode('subtrees', { hash, url, peerId, eventId }), event, codec)
    }
    case 'sync': {
      const { hash, height, dataHubUrl: url } = event.sync
      return toRecord('blocks', hash, codec.encode('blocks', { hash, url, peerId, height, header: null, eventId }), event, codec)
    }
    default:
      return undefined
  }
}

function toRecord(topic: ValidationRecord['topic'], key: string, value: Buffer, event: LogEvent, codec: Codec): ValidationRecord {
  return { topic, record: { key, value, headers: { ...eventHeaders(event), type: event.type, schema: codec.schemaHeader(topic) } } }
}
