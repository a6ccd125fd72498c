import type { KafkaRecord } from '../../kafka/record.ts'
import type { LogEvent } from '../event.ts'
import type { EventLogReader } from '../ports.ts'
import { type EventEntry, readEvents } from '../reading/read-events.ts'
import type { HeadPage } from './look-back.ts'

/** Entries as the event log has them, copies included. `next` is the offset at which to continue. */
export interface EntryPage {
  readonly entries: readonly EventEntry[]
  readonly next: bigint
}

export interface LogReadsDeps {
  readonly reader: Pick<EventLogReader, 'read' | 'bounds' | 'offsetAt'>
  readonly decode: (record: KafkaRecord) => LogEvent | undefined
  readonly peek: (record: KafkaRecord) => { readonly id: string; readonly type: string } | undefined
}

/** Random reads of the event log. Unreadable records are left out: the tail has logged them. */
export interface LogReads {
  /** Entries from an offset on. */
  entries(from: bigint): Promise<EntryPage>
  /** The entries at these ascending offsets, as many as one answer of the broker holds. */
  entriesAt(offsets: readonly bigint[]): Promise<EntryPage>
  /** Ids and types only, at a fraction of the cost. */
  heads(from: bigint): Promise<HeadPage>
  /** The oldest offset, and the end. */
  bounds(): Promise<{ low: bigint; high: bigint }>
  /** The first offset at or after a time (ms since the epoch). */
  offsetAt(timeMs: number): Promise<bigint>
}

/** Small pages, because decoding one blocks the event loop. */
const PAGE_BYTES = 128 * 1024
const HEADS_PAGE_BYTES = 256 * 1024
/** For one event. The broker answers with at least one whole batch. */
const SINGLE_BYTES = 8 * 1024
/** With this many wanted offsets within so many others, one larger answer is cheaper than several small ones. */
const MANY = 8
const CLOSE_TOGETHER = 512n

export function createLogReads({ reader, decode, peek }: LogReadsDeps): LogReads {
  const read = readEvents({ decode, observe: () => true, onUnreadable: () => {}, onUnknownType: () => {} })
  return {
    bounds: () => reader.bounds(),
    offsetAt: (timeMs) => reader.offsetAt(timeMs),
    async entries(from) {
      const { records, next } = await reader.read(from, { maxBytes: PAGE_BYTES })
      return { entries: read(records), next }
    },
    async entriesAt(offsets) {
      const [from = 0n] = offsets
      const eighth = offsets[MANY - 1]
      const isDense = eighth !== undefined && eighth - from < CLOSE_TOGETHER
      const { records, next } = await reader.read(from, { maxBytes: isDense ? PAGE_BYTES : SINGLE_BYTES })
      const wanted = new Set(offsets)
      return { entries: read(records.filter(({ offset }) => wanted.has(offset))), next }
    },
    async heads(from) {
      const { records, next } = await reader.read(from, { maxBytes: HEADS_PAGE_BYTES })
      return { heads: records.flatMap((record) => headOf(record, { decode, peek }) ?? []), next }
    },
  }
}

function headOf(record: KafkaRecord, { decode, peek }: Pick<LogReadsDeps, 'decode' | 'peek'>): HeadPage['heads'][number] | undefined {
  try {
    const head = peek(record) ?? decode(record)
    return head && { id: head.id, type: head.type, offset: record.offset }
  } catch {
    return undefined
  }
}
