import { formatCursor, parseCursor } from '../entries/cursor.ts'
import type { EventEntry } from '../reading/read-events.ts'
import type { LatestOffsets } from './latest-offsets.ts'
import type { EntryPage, LogReads } from './log-reads.ts'
import { LookBack } from './look-back.ts'
import type { PageItem } from './page.ts'
import { Pages, UnwantedReadError } from './pages.ts'
import { ReadIds } from './read-ids.ts'
import { SingleItems, type SomeItems } from './single-items.ts'

export interface HistoryOptions {
  /** Upper bound on the records that all searches for the last events of rare types together look back. */
  readonly maxLookBack: number
  /** Ids that one replay remembers in order to drop later copies; at most a page more. */
  readonly rememberedIds: number
  /** Upper bounds on what is kept for replays that are near each other. */
  readonly maxPages: number
  readonly maxPageBytes: number
  readonly maxSingleBytes: number
  /** Reads of pages at the same time; reads of single events have as many of their own. */
  readonly concurrentReads: number
}

export const HISTORY_DEFAULTS: HistoryOptions = {
  maxLookBack: 100_000,
  rememberedIds: 4_000,
  maxPages: 64,
  maxPageBytes: 8 * 1024 * 1024,
  maxSingleBytes: 2 * 1024 * 1024,
  concurrentReads: 2,
}

/** Offsets of one step of a search. */
const LOOK_BACK_STEP = 5_000

export interface HistoryDeps<Item> {
  /** Rejects when the offset is outside the event log, or Kafka does not answer. */
  readonly reads: LogReads
  readonly latest: LatestOffsets
  /** Resolves when the tail has passed an offset: then `latest` knows what is before it. */
  passed(offset: bigint): Promise<void>
  toItem(entry: EventEntry): Item
  bytesOf(item: Item): number
}

/**
 * A part of the event log. `next` is the offset at which to continue; `outside` says that `from` was outside the event log, which begins
 * at `next`.
 */
export interface HistoryPage<Item> {
  readonly items: readonly Item[]
  readonly next: bigint
  readonly outside: boolean
}

/** A reader for one replay: it drops later copies of the events that it has read. */
export interface HistoryReader<Item> {
  /** Events from `from` to below `before`. What lies beyond is not read: it is no copy for the next call. */
  read(from: bigint, before: bigint): Promise<HistoryPage<Item>>
  /** The events at the first of these ascending offsets, and the offsets that are left. Expired ones are left out. */
  readAt(offsets: readonly bigint[]): Promise<SomeItems<Item>>
}

/** The past of the event log, for browsers. What it costs is what it delivers; replays that are near each other share their reads. */
export interface History<Item> {
  /** Reads that nobody wants any more are not made. */
  open(isWanted: () => boolean): HistoryReader<Item>
  /** The offsets of the last `count` events of these types below `before`, ascending. Fewer if the event log has fewer. */
  last(count: number, types: ReadonlySet<string>, before: bigint, isWanted: () => boolean): Promise<readonly bigint[]>
  /** The offsets of all events of these types from `from` to below `before`, ascending; null when only reading tells. */
  between(from: bigint, before: bigint, types: ReadonlySet<string>): readonly bigint[] | null
  /** The first offset at or after a time (ms since the epoch). `isCut`: the event log begins there, so events of that time may have expired. */
  since(timeMs: number): Promise<{ readonly from: bigint; readonly isCut: boolean }>
  /** The cursor of the oldest event; null when the event log is empty. */
  oldest(): Promise<string | null>
  /** The offset that a cursor names; null when the text is not a cursor. */
  offsetOf(cursor: string): bigint | null
  /** The event log was cut or created again: its offsets hold other events. */
  forget(): void
}

/**
 * A replay drops copies only of events that it has read itself. After a resume a copy of an older event may appear again, with the same
 * id: that is the promise to clients.
 */
export function createHistory<Item>(options: HistoryOptions, deps: HistoryDeps<Item>): History<Item> {
  const { reads, latest, bytesOf, passed } = deps
  const bounds = () => reads.bounds()
  const itemsOf = ({ entries, next }: EntryPage) => ({
    items: entries.map((entry): PageItem<Item> => ({ offset: entry.offset, id: entry.event.id, item: deps.toItem(entry) })),
    next,
  })
  const pages = new Pages<Item>(
    { maxPages: options.maxPages, maxBytes: options.maxPageBytes, concurrentReads: options.concurrentReads },
    { load: async (from) => itemsOf(await reads.entries(from)), bytesOf },
  )
  const singles = new SingleItems<Item>(
    { maxBytes: options.maxSingleBytes, concurrentReads: options.concurrentReads },
    { loadAt: async (offsets) => itemsOf(await reads.entriesAt(offsets)), bytesOf },
  )
  const lookBack = new LookBack(
    { maxOffsets: options.maxLookBack, stepOffsets: LOOK_BACK_STEP },
    { latest, readHeads: (from) => reads.heads(from), bounds },
  )
  return {
    open: (isWanted) => openReader(options, { pages, singles, bounds, isWanted }),
    async last(count, types, before, isWanted) {
      if (before > 0n) await passed(before - 1n)
      await lookBack.until(() => latest.last(count, types, before).length >= count, isWanted)
      return latest.last(count, types, before)
    },
    between: (from, before, types) => latest.between(from, before, types),
    async since(timeMs) {
      const [from, { low }] = await Promise.all([reads.offsetAt(timeMs), bounds()])
      return { from, isCut: low > 0n && from <= low }
    },
    async oldest() {
      const { low, high } = await bounds()
      if (low >= high) return null
      const [first] = (await reads.entries(low)).entries
      return first ? formatCursor(first.offset, first.event.id) : null
    },
    offsetOf: (cursor) => parseCursor(cursor)?.offset ?? null,
    forget() {
      pages.forget()
      singles.forget()
    },
  }
}

interface ReaderDeps<Item> {
  readonly pages: Pages<Item>
  readonly singles: SingleItems<Item>
  bounds(): Promise<{ low: bigint; high: bigint }>
  isWanted(): boolean
}

function openReader<Item>({ rememberedIds }: HistoryOptions, { pages, singles, bounds, isWanted }: ReaderDeps<Item>): HistoryReader<Item> {
  const readIds = new ReadIds({ atLeast: rememberedIds })
  return {
    async read(from, before) {
      try {
        const page = await pages.read(from, isWanted)
        const { next } = page
        return { items: readIds.take(page, { from, before }), next: next < before ? next : before, outside: false }
      } catch (error) {
        if (error instanceof UnwantedReadError) throw error
        const { low, high } = await bounds()
        if (from >= low && from <= high) throw error
        return { items: [], next: low, outside: true }
      }
    },
    async readAt(offsets) {
      try {
        return await singles.read(offsets, isWanted)
      } catch (error) {
        if (error instanceof UnwantedReadError) throw error
        const { low } = await bounds()
        const rest = offsets.filter((offset) => offset >= low)
        if (rest.length === offsets.length) throw error
        return { items: [], rest }
      }
    },
  }
}
