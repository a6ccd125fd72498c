import type { KafkaRecord } from '../../kafka/record.ts'
import { type EventSource, hasOrder, type StateOrder, sourceOf, stateOrderOf } from '../entries/occurrence.ts'
import type { LogEvent } from '../event.ts'

/** An event with its place in the event log. `timestamp` is the broker's, in milliseconds since the epoch. */
export interface EventEntry {
  readonly event: LogEvent
  readonly offset: bigint
  readonly timestamp: number
  /** For an announcement of a state, and for an own block: see occurrence.ts. */
  readonly order?: StateOrder
  /** For an own announcement: the record that said it. */
  readonly source?: EventSource
}

export interface ReadEventsDeps {
  /** Observes an event whose content is not needed, and returns true; false for an event that has to be decoded. */
  readonly skip?: (record: KafkaRecord) => boolean
  /** Undefined for an event of a type that this version does not know. Throws for a record that is not an event. */
  readonly decode: (record: KafkaRecord) => LogEvent | undefined
  /** Observes each event, copies too; true when it is the first occurrence. */
  readonly observe: (event: LogEvent, record: KafkaRecord) => boolean
  /** Called for a record that is not an event: bad input in the event log is logged and skipped. */
  readonly onUnreadable: (record: KafkaRecord, error: unknown) => void
  /** Called for an event of a type that this version does not know. */
  readonly onUnknownType: (record: KafkaRecord) => void
}

/** Decodes records of the event log in order and returns the first occurrences. */
export function readEvents(deps: ReadEventsDeps): (records: readonly KafkaRecord[]) => EventEntry[] {
  return (records) => {
    const entries: EventEntry[] = []
    for (const record of records) {
      if (deps.skip?.(record)) continue
      const event = decodeOrPass(record, deps)
      if (event && deps.observe(event, record)) entries.push(entryOf(event, record))
    }
    return entries
  }
}

function decodeOrPass(record: KafkaRecord, { decode, onUnreadable, onUnknownType }: ReadEventsDeps): LogEvent | undefined {
  try {
    const event = decode(record)
    if (!event) onUnknownType(record)
    return event
  } catch (error) {
    onUnreadable(record, error)
    return undefined
  }
}

/** Headers are decoded on access: only for the events that have something there. */
function entryOf(event: LogEvent, record: KafkaRecord): EventEntry {
  const { offset, timestamp } = record
  const entry: EventEntry = hasOrder(event)
    ? { event, offset, timestamp, order: stateOrderOf(record.headers) }
    : { event, offset, timestamp }
  const source = event.origin === 'own' ? sourceOf(record.headers) : undefined
  return source === undefined ? entry : { ...entry, source }
}
