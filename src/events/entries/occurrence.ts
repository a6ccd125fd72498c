import { type AnnouncementType, kindOf } from '../../messages/announcement.ts'
import { type Headed, type TraceHeaders, traceHeaders, withTrace } from '../../messages/trace-context.ts'
import type { EventType, LogEvent } from '../event.ts'

/** Where an announcement came from: distinguishes two announcements with the same content from the same source. */
export type Occurrence = GossipOccurrence | RecordOccurrence

/** A gossip message, by the number that its signer gave it. All siblings that receive the message agree on it. */
export interface GossipOccurrence {
  readonly sequenceNumber: bigint
  /** Undefined unless tracing is on. */
  readonly trace?: TraceHeaders | undefined
}

/** A record of an in-topic; its headers may hold a trace context. Its time distinguishes it from a record at the same place after the topic was created again. */
export interface RecordOccurrence extends Headed {
  readonly topic: string
  readonly partition: number
  readonly offset: bigint
  readonly timestamp: number
}

/**
 * Orders the announcements of one source: a larger number is later. Undefined where the source gives no order; then the order of arrival
 * counts.
 */
export type StateOrder = bigint | undefined

/** Header of a state event, and of an own block, that gives its order to other instances. */
const ORDER_HEADER = 'sequence'
const ORDER = /^[1-9]\d{0,18}$/
/** Header of an own event that names the record from which it was made. */
const SOURCE_HEADER = 'source'
const SOURCE = /^([A-Za-z0-9._-]{1,249}):(\d{1,10}):(\d{1,19})$/
const EARLIEST_MS = Date.parse('2020-01-01T00:00:00Z')
/** Clocks of nodes may be slightly ahead. */
const TOLERANCE_MS = 3_600_000

export function isState(type: EventType): type is AnnouncementType {
  return type !== 'sync' && type !== 'ban' && type !== 'instance' && kindOf(type).stateOf !== null
}

/** Whether readers need to know when its source announced it: states, and own blocks, which may change the own tip. */
export function hasOrder({ type, origin }: Pick<LogEvent, 'type' | 'origin'>): boolean {
  return (type === 'block' && origin === 'own') || isState(type)
}

export function occurrenceText(occurrence: Occurrence): string {
  if ('sequenceNumber' in occurrence) return occurrence.sequenceNumber.toString()
  const { topic, partition, offset, timestamp } = occurrence
  return `${topic}:${partition}:${offset}:${timestamp}`
}

/**
 * The order that an occurrence gives. Sequence numbers of today's nodes count from the nanosecond at which the process started; older
 * libraries choose them at random, and a record may carry any time. So only a number that is a plausible time counts.
 */
export function stateOrder(occurrence: Occurrence, nowMs: number): StateOrder {
  if ('sequenceNumber' in occurrence) {
    const { sequenceNumber } = occurrence
    return isTime(Number(sequenceNumber / 1_000_000n), nowMs) ? sequenceNumber : undefined
  }
  return isTime(occurrence.timestamp, nowMs) ? BigInt(occurrence.timestamp) : undefined
}

/** The record with its order in the headers, for its readers. */
export function withStateOrder<R extends { readonly headers: Readonly<Record<string, string>> }>(record: R, order: StateOrder): R {
  return order === undefined ? record : { ...record, headers: { ...record.headers, [ORDER_HEADER]: order.toString() } }
}

/** The order that an instance put into the headers of an event. */
export function stateOrderOf(headers: Readonly<Record<string, string | undefined>>): StateOrder {
  const text = headers[ORDER_HEADER]
  return text !== undefined && ORDER.test(text) ? BigInt(text) : undefined
}

/** The record with the place and the trace context of the in-topic's record in its headers. What came by gossip has none. */
export function withSource<R extends { readonly headers: Readonly<Record<string, string>> }>(record: R, occurrence: Occurrence): R {
  if ('sequenceNumber' in occurrence) return record
  const { topic, partition, offset } = occurrence
  const sourced = { ...record, headers: { ...record.headers, [SOURCE_HEADER]: `${topic}:${partition}:${offset}` } }
  return withTrace(sourced, traceHeaders(occurrence))
}

/** The record of an in-topic from which an event was made. */
export type EventSource = Pick<RecordOccurrence, 'topic' | 'partition' | 'offset'>

/** Undefined for events of older releases, and for all that have none. */
export function sourceOf(headers: Readonly<Record<string, string | undefined>>): EventSource | undefined {
  const [, topic, partition, offset] = SOURCE.exec(headers[SOURCE_HEADER] ?? '') ?? []
  return topic === undefined ? undefined : { topic, partition: Number(partition), offset: BigInt(offset ?? 0) }
}

function isTime(ms: number, nowMs: number): boolean {
  return ms >= EARLIEST_MS && ms <= nowMs + TOLERANCE_MS
}
