import type { Codec } from '../../messages/codec/codec.ts'
import { BadInputError } from '../../messages/errors.ts'
import { urlHostKind } from '../../messages/rules/url-rules.ts'
import type { EventValue } from '../../messages/topic-values.ts'
import type { EventType, LogEvent } from '../event.ts'

/** A record that goes out. It fits the producer's type, which the log does not know. */
export interface EventRecord {
  readonly key: string
  readonly value: Buffer
  readonly headers: Readonly<Record<string, string>>
}

/** In which property of the value the content of each type stands. */
const PAYLOADS = {
  block: 'block',
  subtree: 'subtree',
  'mining-on': 'miningOn',
  'rejected-tx': 'rejectedTx',
  sync: 'sync',
  ban: 'ban',
  instance: 'instance',
} as const satisfies Record<EventType, keyof EventValue>

/** The record of an event for the log: its key is the event id, and its headers make sense without decoding the value. */
export function toEventRecord(event: LogEvent, codec: Codec): EventRecord {
  return {
    key: event.id,
    value: codec.encode('events', event),
    headers: { ...eventHeaders(event), type: event.type, schema: codec.schemaHeader('events') },
  }
}

/**
 * The event in the value of a record of the log; undefined for a type that this version does not know, which a newer
 * instance may write. Throws BadInputError for what is no event.
 */
export function fromEventRecord(value: Buffer | null, codec: Codec): LogEvent | undefined {
  const { id, network, bridgeId, origin, peerId, receivedAt, type, ...parts } = codec.decode('events', value)
  if (!isKnown(type)) return undefined
  const payload = PAYLOADS[type]
  const content = parts[payload]
  if (!content) throw new BadInputError('bad-content', `the event ${id} is of type ${type}, but its ${payload} is not filled`)
  if (origin !== 'own' && origin !== 'network') {
    throw new BadInputError('bad-content', `the event ${id} has the origin ${JSON.stringify(origin)}, but it has to be own or network`)
  }
  // The schema holds the content to the type's properties, and the check above to the right one.
  return { id, network, bridgeId, origin, peerId, receivedAt, type, [payload]: content } as unknown as LogEvent
}

/** The headers that every record made from an event carries, in the log and in what is derived from it. */
export function eventHeaders(event: LogEvent): Record<string, string> {
  const headers: Record<string, string> = {
    network: event.network,
    'bridge-id': event.bridgeId,
    'received-at': new Date(event.receivedAt).toISOString(),
  }
  if (event.peerId !== null) headers['peer-id'] = event.peerId
  const url = urlOf(event)
  const host = url === undefined ? undefined : urlHostKind(url)
  if (host) headers['url-host'] = host
  return headers
}

function urlOf(event: LogEvent): string | undefined {
  switch (event.type) {
    case 'block':
      return event.block.dataHubUrl
    case 'subtree':
      return event.subtree.dataHubUrl
    case 'mining-on':
      return event.miningOn.dataHubUrl
    case 'sync':
      return event.sync.dataHubUrl
    default:
      return undefined
  }
}

function isKnown(type: string): type is EventType {
  return Object.hasOwn(PAYLOADS, type)
}
