import type { KafkaRecord } from '../../kafka/record.ts'
import type { LogEvent } from '../event.ts'

/** An event with its place in the event log. `timestamp` is the broker's, in milliseconds since the epoch. */
export interface EventEntry {
  readonly event: LogEvent
  readonly offset: bigint
  readonly timestamp: number
}

export interface ReadEventsDeps {
  /** Undefined for an event of a type that this version does not know. Throws for a record that is no event. */
  readonly decode: (record: KafkaRecord) => LogEvent | undefined
  /** Takes in each event, copies too; true when it is the first occurrence. */
  readonly observe: (event: LogEvent, record: KafkaRecord) => boolean
  /** Called for a record that is no event: bad input in the event log is logged and passed over. */
  readonly onUnreadable: (record: KafkaRecord, error: unknown) => void
}

/** Decodes records of the event log in order, and returns the first occurrences. */
export function readEvents({ decode, observe, onUnreadable }: ReadEventsDeps): (records: readonly KafkaRecord[]) => EventEntry[] {
  return (records) => {
    const entries: EventEntry[] = []
    for (const record of records) {
      let event: LogEvent | undefined
      try {
        event = decode(record)
      } catch (error) {
        onUnreadable(record, error)
      }
      if (event && observe(event, record)) entries.push({ event, offset: record.offset, timestamp: record.timestamp })
    }
    return entries
  }
}
