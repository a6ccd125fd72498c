import type { Client } from '../clients/client.ts'
import type { Subscription } from '../clients/client-message.ts'
import { NOTICE_TOPIC, topicOf } from '../feed/feed.ts'
import type { FeedItem, HistoryPage } from '../feed/feed-item.ts'
import { caughtUpFrame, gapFrame } from '../feed/frames.ts'
import type { RecentItems } from '../feed/recent-items.ts'

/** Bytes sent before the replay waits for the client to read. */
const PIECE_BYTES = 64 * 1024
/** A cursor from a sibling may be briefly ahead of our tail. A cursor that stays ahead belongs to another event log. */
const AHEAD_PATIENCE_MS = 5_000

export type GapReason = 'expired' | 'unknown-cursor' | 'skipped'

export interface CatchUpDeps {
  readonly recent: RecentItems
  /** Resolves when the live stream has moved, or after this time. */
  advanced(withinMs: number): Promise<void>
  /** Opens a reader. It drops later copies of the events that it has read. */
  open(): { read(from: bigint): Promise<HistoryPage> }
  startOfLast(count: number, types: ReadonlySet<string>): Promise<bigint>
  now(): number
  gapSent(reason: GapReason): void
}

/**
 * Brings one client from its start into the live stream. Reads the event log if the recent items do not reach back far enough, then
 * the recent items; at their end the client joins the topics in the same synchronous step. Between two pieces it waits for the client
 * to read. Resolves to false when the client left or subscribed again. Rejects when the event log cannot be read, or had a gap or
 * was recreated during the replay: the client then returns with its cursor, and gets a gap message.
 */
export async function catchUp(client: Client, subscription: Subscription, deps: CatchUpDeps): Promise<boolean> {
  const replay = new Replay(client, subscription, deps)
  return replay.run()
}

class Replay {
  readonly #client: Client
  readonly #subscription: Subscription
  readonly #deps: CatchUpDeps
  readonly #number: number
  #reader: { read(from: bigint): Promise<HistoryPage> }
  #gap: { requested: string; reason: GapReason } | null = null

  constructor(client: Client, subscription: Subscription, deps: CatchUpDeps) {
    this.#client = client
    this.#subscription = subscription
    this.#deps = deps
    this.#number = client.replay
    this.#reader = deps.open()
  }

  async run(): Promise<boolean> {
    const { recent, advanced } = this.#deps
    while (this.#isCurrent() && recent.position === null) await advanced(AHEAD_PATIENCE_MS)
    const { restarts } = recent
    let next = await this.#begin()
    while (this.#isCurrent()) {
      if (recent.restarts !== restarts) throw new Error('the event log had a gap or was recreated during the replay')
      if (recent.covers(next)) {
        const piece = recent.slice(next, PIECE_BYTES)
        this.#deliver(piece.items)
        if (piece.isEnd) return this.#join()
        next = piece.next
      } else next = await this.#readPast(next)
      await this.#client.readOn()
    }
    return false
  }

  #isCurrent(): boolean {
    return this.#client.isOpen && this.#client.replay === this.#number
  }

  /** Returns the offset to start from. */
  async #begin(): Promise<bigint> {
    const { cursor, last } = this.#subscription
    if (cursor) return this.#resume(cursor, last)
    return last === null || last === 0 ? this.#position() : this.#startOfLast(last)
  }

  async #resume(cursor: { text: string; offset: bigint }, last: number | null): Promise<bigint> {
    const { recent } = this.#deps
    if (!(await this.#reaches(cursor.offset))) return this.#afterGap(cursor.text, 'unknown-cursor', last)
    if (last !== null && this.#position() - cursor.offset > BigInt(last)) {
      const start = await this.#startOfLast(last)
      if (start > cursor.offset + 1n) this.#gap = { requested: cursor.text, reason: 'skipped' }
      return start > cursor.offset ? start : cursor.offset + 1n
    }
    if (recent.covers(cursor.offset)) {
      if (recent.at(cursor.offset)?.cursor === cursor.text) return cursor.offset + 1n
      return this.#afterGap(cursor.text, 'unknown-cursor', last)
    }
    return this.#resumeFromLog(cursor, last)
  }

  async #resumeFromLog(cursor: { text: string; offset: bigint }, last: number | null): Promise<bigint> {
    const page = await this.#reader.read(cursor.offset)
    if (page.outside) return this.#afterGap(cursor.text, 'expired', last)
    const [first, ...others] = page.items
    if (first?.cursor !== cursor.text) return this.#afterGap(cursor.text, 'unknown-cursor', last)
    return this.#take({ ...page, items: others }, cursor.offset + 1n)
  }

  /** Whether the live stream has passed this offset, or passes it within the patience. */
  async #reaches(offset: bigint): Promise<boolean> {
    const { advanced, now } = this.#deps
    const until = now() + AHEAD_PATIENCE_MS
    while (this.#isCurrent() && offset >= this.#position()) {
      const left = until - now()
      if (left <= 0) return false
      await advanced(left)
    }
    return true
  }

  /** The cursor does not say what the client has seen: it gets all events, or the last ones if it asked for them. */
  async #afterGap(requested: string, reason: GapReason, last: number | null): Promise<bigint> {
    this.#gap = { requested, reason }
    this.#reader = this.#deps.open() // a reader that has read nothing of this event log yet
    return last === null ? 0n : this.#startOfLast(last)
  }

  async #startOfLast(last: number): Promise<bigint> {
    const { recent, startOfLast } = this.#deps
    const { types } = this.#subscription
    if (last === 0) return this.#position()
    return recent.startOfLast(last, types) ?? startOfLast(last, types)
  }

  async #readPast(from: bigint): Promise<bigint> {
    const { recent, advanced } = this.#deps
    // Beyond our position (a read saw more of the event log than the tail): the live stream will deliver it.
    if (from > this.#position()) return this.#position()
    const page = await this.#reader.read(from)
    if (page.outside && this.#gap === null) this.#gap = { requested: from.toString(), reason: 'expired' }
    // The leader's end offset can briefly be older than the tail's position.
    if (page.next <= from && !recent.covers(from)) await advanced(100)
    return this.#take(page, from)
  }

  /** Delivers a page up to the live stream's position; the live stream delivers the rest. */
  async #take({ items, next }: HistoryPage, from: bigint): Promise<bigint> {
    const position = this.#position()
    let piece: FeedItem[] = []
    let bytes = 0
    for (const item of items) {
      if (item.offset >= position) break
      piece.push(item)
      bytes += item.frame.length
      if (bytes < PIECE_BYTES) continue
      this.#deliver(piece)
      piece = []
      bytes = 0
      await this.#client.readOn()
      if (!this.#isCurrent()) return next
    }
    this.#deliver(piece)
    if (next > position) return position
    return next > from ? next : from
  }

  #deliver(items: readonly FeedItem[]): void {
    const wanted = items.filter(({ type }) => this.#subscription.types.has(type))
    const [first] = wanted
    if (first === undefined) return
    this.#tellGap(first.cursor)
    this.#client.send(wanted.map(({ frame }) => frame))
  }

  #tellGap(oldest: string | null): void {
    if (this.#gap === null) return
    this.#client.send([gapFrame({ ...this.#gap, oldest })])
    this.#deps.gapSent(this.#gap.reason)
    this.#gap = null
  }

  #join(): boolean {
    this.#tellGap(null)
    this.#client.follow([NOTICE_TOPIC, ...[...this.#subscription.types].map(topicOf)])
    this.#client.send([caughtUpFrame(this.#deps.recent.newest?.cursor ?? null)])
    return true
  }

  #position(): bigint {
    return this.#deps.recent.position ?? 0n
  }
}
