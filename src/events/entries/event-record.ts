import { timeText } from '../../lifecycle/time-text.ts'
import type { Codec } from '../../messages/codec/codec.ts'
import { BadInputError } from '../../messages/errors.ts'
import { urlHostKind } from '../../messages/rules/url-rules.ts'
import { type EventType, type LogEvent, toEvent } from '../event.ts'
import { EVENT_KINDS, eventContent } from './event-kinds.ts'

/** An outgoing record. It fits the producer's type, which src/events does not import. */
export interface EventRecord {
  readonly key: string
  readonly value: Buffer
  readonly headers: Readonly<Record<string, string>>
}

/** The header of instance records that names the process: the schema of the event log has no place for it. */
const START_ID_HEADER = 'start-id'

/** The record of an event for the event log: its key is the event id, and its headers can be used without decoding the value. */
export function toEventRecord(event: LogEvent, codec: Codec): EventRecord {
  return { key: event.id, value: codec.encode('events', event), headers: eventHeaders(event, codec.schemaHeader('events')) }
}

/** A record of the event log, as far as an event needs it. Headers are decoded on access, and most events need none. */
export interface EventRecordSource {
  readonly value: Buffer | null
  readonly headers: Readonly<Record<string, string>>
}

/**
 * The event in a record of the event log; undefined for a type that this version does not know, which a newer instance may
 * write. Throws BadInputError when the value is not an event.
 */
export function fromEventRecord(record: EventRecordSource, codec: Codec): LogEvent | undefined {
  const decoded = codec.decode('events', record.value)
  const { id, network, bridgeId, origin, peerId, receivedAt, type } = decoded
  if (!isKnown(type)) return undefined
  const { payload } = EVENT_KINDS[type]
  const content = (decoded as unknown as Record<string, unknown>)[payload]
  if (!content) throw new BadInputError('bad-content', `the event ${id} is of type ${type}, but its ${payload} is not filled`)
  if (origin !== 'own' && origin !== 'network') {
    throw new BadInputError('bad-content', `the event ${id} has the origin ${JSON.stringify(origin)}, but it has to be own or network`)
  }
  // The schema ensures the properties of the content; the check above ensures that the content belongs to the type.
  const event = toEvent({ id, network, bridgeId, origin, peerId, receivedAt }, { type, payload, content })
  return event.type === 'instance' ? withStartId(event, record.headers[START_ID_HEADER]) : event
}

function withStartId(event: LogEvent & { readonly type: 'instance' }, startId: string | undefined): LogEvent {
  return startId ? { ...event, instance: { ...event.instance, startId } } : event
}

/**
 * The headers of every record made from an event, in the event log and in the topics for validation; `schema` names the schema of its value.
 * One object that grows: to spread one into another costs V8 a slow call for each property after it.
 */
export function eventHeaders(event: LogEvent, schema: string): Record<string, string> {
  const headers: Record<string, string> = {
    network: event.network,
    'bridge-id': event.bridgeId,
    'received-at': timeText(event.receivedAt),
  }
  if (event.peerId !== null) headers['peer-id'] = event.peerId
  if (event.type === 'instance' && event.instance.startId) headers[START_ID_HEADER] = event.instance.startId
  const url = urlOf(event)
  const host = url === undefined ? undefined : urlHostKind(url)
  if (host) headers['url-host'] = host
  headers.type = event.type
  headers.schema = schema
  return headers
}

function urlOf(event: LogEvent): string | undefined {
  const { url } = EVENT_KINDS[event.type]
  return url === null ? undefined : String(eventContent(event)[url])
}

function isKnown(type: string): type is EventType {
  return Object.hasOwn(EVENT_KINDS, type)
}
