import type { FeedItem } from './feed-item.ts'

export interface RecentItemsOptions {
  readonly maxItems: number
  readonly maxBytes: number
}

/** Consecutive items. `next` is the offset to continue at; `isEnd` means that nothing more has been published. */
export interface RecentSlice {
  readonly items: readonly FeedItem[]
  readonly next: bigint
  readonly isEnd: boolean
}

/**
 * The last items of the feed, bounded by number and bytes, and the feed's position. It covers the event log from one offset to the
 * position without a gap: a client that has read up to a covered offset can join the live stream from here, in one step.
 */
export class RecentItems {
  readonly #options: RecentItemsOptions
  #items: FeedItem[] = []
  #start = 0
  #bytes = 0
  #coveredFrom: bigint | null = null
  #position: bigint | null = null
  /** Of the newest event from before the first item. */
  #cursorBefore: string | null = null
  /** Counts restarts: offsets from before a restart are invalid after it. */
  restarts = 0

  constructor(options: RecentItemsOptions) {
    this.#options = options
  }

  /** Lower bound of the next item's offset; null before the first publish. */
  get position(): bigint | null {
    return this.#position
  }

  /** The offset from which all items are kept; null before the first publish. */
  get coveredFrom(): bigint | null {
    return this.#coveredFrom
  }

  get newest(): FeedItem | undefined {
    return this.#items[this.#items.length - 1]
  }

  /** The cursor up to which everything has been published; null before the first event of the event log, and before the first publish. */
  get cursor(): string | null {
    return this.#position === null ? null : (this.newest?.cursor ?? this.#cursorBefore)
  }

  /** An event that was in the event log already when its tail started. It is not published, but clients can go on after it. */
  startAfter(cursor: string): void {
    this.#cursorBefore = cursor
  }

  get count(): number {
    return this.#items.length - this.#start
  }

  covers(offset: bigint): boolean {
    return this.#coveredFrom !== null && this.#position !== null && offset >= this.#coveredFrom && offset <= this.#position
  }

  push(item: FeedItem): void {
    this.#coveredFrom ??= item.offset
    this.#position = item.offset + 1n
    this.#items.push(item)
    this.#bytes += item.size
    while (this.#items.length - this.#start > this.#options.maxItems || this.#bytes > this.#options.maxBytes) this.#dropOldest()
  }

  /** Moves the position past records that browsers do not see. */
  advance(next: bigint): void {
    this.#coveredFrom ??= next
    if (this.#position === null || next > this.#position) this.#position = next
  }

  /** The event log has a gap or was recreated: drops all items. */
  restart(next: bigint): void {
    this.restarts += 1
    this.#items = []
    this.#start = 0
    this.#bytes = 0
    this.#coveredFrom = next
    this.#position = next
    this.#cursorBefore = null
  }

  at(offset: bigint): FeedItem | undefined {
    const item = this.#items[this.#indexFrom(offset)]
    return item?.offset === offset ? item : undefined
  }

  slice(from: bigint, maxBytes: number): RecentSlice {
    const items: FeedItem[] = []
    let bytes = 0
    for (let index = this.#indexFrom(from); index < this.#items.length; index++) {
      const item = this.#items[index]
      if (!item) break
      if (bytes >= maxBytes) return { items, next: item.offset, isEnd: false }
      items.push(item)
      bytes += item.size
    }
    return { items, next: this.#position ?? from, isEnd: true }
  }

  /** Offset of the first of the last `count` items of these kinds; undefined when fewer are kept. */
  startOfLast(count: number, types: ReadonlySet<string>): bigint | undefined {
    let found = 0
    for (let index = this.#items.length - 1; index >= this.#start; index--) {
      const item = this.#items[index]
      if (item && types.has(item.type) && ++found === count) return item.offset
    }
    return undefined
  }

  /** The index of the first item at or after this offset. */
  #indexFrom(offset: bigint): number {
    let low = this.#start
    let high = this.#items.length
    while (low < high) {
      const middle = (low + high) >>> 1
      const item = this.#items[middle]
      if (item && item.offset < offset) low = middle + 1
      else high = middle
    }
    return low
  }

  #dropOldest(): void {
    const item = this.#items[this.#start]
    if (!item) return
    this.#start += 1
    this.#bytes -= item.size
    this.#coveredFrom = item.offset + 1n
    if (this.#start > this.#options.maxItems) {
      this.#items = this.#items.slice(this.#start)
      this.#start = 0
    }
  }
}
