import { formatCursor, parseCursor } from '../entries/cursor.ts'
import type { EventEntry } from './read-events.ts'

export interface HistoryOptions {
  /** Upper bound on the records that a search for the last events of rare kinds looks back. */
  readonly maxScannedRecords: number
  /** How many ids one replay remembers in order to drop later copies. */
  readonly rememberedIds: number
}

export const HISTORY_DEFAULTS: HistoryOptions = { maxScannedRecords: 20_000, rememberedIds: 10_000 }

/** Entries as the event log has them, copies included. `next` is the offset at which to continue. */
export interface EntryPage {
  readonly entries: readonly EventEntry[]
  readonly next: bigint
}

export interface HistoryDeps<Item> {
  /** Reads from an offset on. Rejects when the offset is outside the event log, or Kafka does not answer. */
  read(from: bigint): Promise<EntryPage>
  bounds(): Promise<{ low: bigint; high: bigint }>
  toItem(entry: EventEntry): Item
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

/** The past of the event log, for browsers. */
export interface History<Item> {
  /** A reader for one replay: it drops later copies of the events that it has read. */
  open(): { read(from: bigint): Promise<HistoryPage<Item>> }
  /** The offset at which the last `count` events of these types begin. */
  startOfLast(count: number, types: ReadonlySet<string>): Promise<bigint>
  /** The cursor of the oldest event; null when the event log is empty. */
  oldest(): Promise<string | null>
  /** The offset that a cursor names; null when the text is not a cursor. */
  offsetOf(cursor: string): bigint | null
}

/**
 * A replay drops copies only of events that it has read itself. After a resume a copy of an older event may appear again, with the same
 * id: that is the promise to clients.
 */
export function createHistory<Item>(options: HistoryOptions, deps: HistoryDeps<Item>): History<Item> {
  return {
    open: () => openReader(options, deps),
    startOfLast: (count, types) => startOfLast(options, deps, count, types),
    async oldest() {
      const { low, high } = await deps.bounds()
      if (low >= high) return null
      const [first] = (await deps.read(low)).entries
      return first ? formatCursor(first.offset, first.event.id) : null
    },
    offsetOf: (cursor) => parseCursor(cursor)?.offset ?? null,
  }
}

function openReader<Item>({ rememberedIds }: HistoryOptions, { read, bounds, toItem }: HistoryDeps<Item>) {
  const seen = new Set<string>()
  const isFirst = (id: string): boolean => {
    if (seen.delete(id)) {
      seen.add(id) // renewed: a copy keeps its id remembered, as it does for every reader of the event log
      return false
    }
    seen.add(id)
    for (const oldest of seen) {
      if (seen.size <= rememberedIds) break
      seen.delete(oldest)
    }
    return true
  }
  return {
    async read(from: bigint): Promise<HistoryPage<Item>> {
      try {
        const { entries, next } = await read(from)
        return { items: entries.filter(({ event }) => isFirst(event.id)).map(toItem), next, outside: false }
      } catch (error) {
        const { low, high } = await bounds()
        if (from >= low && from <= high) throw error
        return { items: [], next: low, outside: true }
      }
    },
  }
}

/** Looks back in steps that double: common types cost one small read, rare types a bounded search. */
async function startOfLast<Item>(
  { maxScannedRecords }: HistoryOptions,
  deps: HistoryDeps<Item>,
  count: number,
  types: ReadonlySet<string>,
): Promise<bigint> {
  const { low, high } = await deps.bounds()
  if (count === 0) return high
  for (let back = BigInt(2 * count); ; back *= 2n) {
    const isLastTry = back >= BigInt(maxScannedRecords) || high - back <= low
    const step = back > BigInt(maxScannedRecords) ? BigInt(maxScannedRecords) : back
    const from = high - step > low ? high - step : low
    const found = await offsetsOf(deps, from, high, types)
    if (found.length >= count) return found[found.length - count] ?? from
    if (isLastTry) return found[0] ?? high
  }
}

async function offsetsOf<Item>({ read }: HistoryDeps<Item>, from: bigint, to: bigint, types: ReadonlySet<string>): Promise<bigint[]> {
  const firsts = new Map<string, bigint>()
  for (let next = from; next < to; ) {
    const page = await read(next)
    for (const { event, offset } of page.entries) if (types.has(event.type) && !firsts.has(event.id)) firsts.set(event.id, offset)
    if (page.next <= next) break
    next = page.next
  }
  return [...firsts.values()]
}
