import type { LogEntry } from '../events/reading/read-log.ts'
import type { FeedItem } from './log-to-browsers.ts'

export interface BrowserHistoryOptions {
  /** How far back a request for the last events of rare kinds is looked for, in records of the log. */
  readonly maxScannedRecords: number
  /** How many ids one replay remembers to drop later copies of them. */
  readonly rememberedIds: number
}

export const BROWSER_HISTORY_DEFAULTS: BrowserHistoryOptions = { maxScannedRecords: 20_000, rememberedIds: 10_000 }

export interface BrowserHistoryDeps {
  /** Records from `from` on; rejects when `from` is outside the log, or Kafka is away. */
  read(from: bigint): Promise<{ entries: readonly LogEntry[]; next: bigint }>
  bounds(): Promise<{ low: bigint; high: bigint }>
  toItem(entry: LogEntry): FeedItem
  parseCursor(text: string): { readonly offset: bigint } | undefined
}

/** A part of the log. `next` is where to read on; `outside` says that `from` is not in the log, which begins at `next`. */
export interface HistoryPage {
  readonly items: readonly FeedItem[]
  readonly next: bigint
  readonly outside: boolean
}

export interface BrowserHistory {
  /** A reader for one replay: it drops later copies of what it has itself read. */
  open(): { read(from: bigint): Promise<HistoryPage> }
  /** The offset at which the last `count` events of these kinds begin. */
  startOfLast(count: number, types: ReadonlySet<string>): Promise<bigint>
  /** The cursor of the oldest event, null when the log is empty. */
  oldest(): Promise<string | null>
  /** The offset that a cursor names, null when the text is no cursor. */
  offsetOf(cursor: string): bigint | null
}

/**
 * The log's past for browsers, read with a handle of its own. A replay takes copies out only within what it has read
 * itself: a copy of something older may come again after a resume, with the same id, which is what clients are promised.
 */
export function createBrowserHistory(options: BrowserHistoryOptions, deps: BrowserHistoryDeps): BrowserHistory {
  return {
    open: () => openReader(options, deps),
    startOfLast: (count, types) => startOfLast(options, deps, count, types),
    async oldest() {
      const { low, high } = await deps.bounds()
      if (low >= high) return null
      const { entries } = await deps.read(low)
      const first = entries[0]
      return first ? deps.toItem(first).cursor : null
    },
    offsetOf: (cursor) => deps.parseCursor(cursor)?.offset ?? null,
  }
}

function openReader({ rememberedIds }: BrowserHistoryOptions, { read, bounds, toItem }: BrowserHistoryDeps) {
  const seen = new Set<string>()
  const isFirst = (id: string): boolean => {
    if (seen.delete(id)) {
      seen.add(id) // renewed: a copy keeps its id remembered, as it does for every reader of the log
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
    async read(from: bigint): Promise<HistoryPage> {
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

/** Looks back in steps that double, so that common kinds cost one small read and rare ones a bounded search. */
async function startOfLast(
  { maxScannedRecords }: BrowserHistoryOptions,
  deps: BrowserHistoryDeps,
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

async function offsetsOf({ read }: BrowserHistoryDeps, from: bigint, to: bigint, types: ReadonlySet<string>): Promise<bigint[]> {
  const firsts = new Map<string, bigint>()
  for (let next = from; next < to; ) {
    const page = await read(next)
    for (const { event, offset } of page.entries) if (types.has(event.type) && !firsts.has(event.id)) firsts.set(event.id, offset)
    if (page.next <= next) break
    next = page.next
  }
  return [...firsts.values()]
}
