import type { Subscription } from '../clients/client-message.ts'
import type { FeedHistory, FeedItem, HistoryReader } from '../feed/feed-item.ts'
import type { RecentItems } from '../feed/recent-items.ts'
import { PIECE_BYTES, type Piece, type Pieces, pieceOf, wantedOf } from './pieces.ts'
import type { GapReason, ReplayTarget } from './replay-target.ts'

/** A cursor from a sibling may be briefly ahead of our tail. A cursor that stays ahead belongs to another event log. */
const AHEAD_PATIENCE_MS = 5_000
/** With at least one wanted event among so many, pages are read; else each wanted event by itself. */
const SPARSE = 8

export interface CatchUpDeps {
  readonly recent: RecentItems
  readonly history: Pick<FeedHistory, 'open' | 'last' | 'between' | 'since'>
  readonly pieces: Pick<Pieces, 'of'>
  /** Resolves when the live stream has moved, or after this time. */
  advanced(withinMs: number): Promise<void>
  /** Resolves when this replay may send its next piece. */
  turn(): Promise<void>
  now(): number
}

/**
 * Brings one client from its start into the live stream. Reads the event log if the recent items do not reach back far enough, then
 * the recent items; at their end `caughtUp` is called in the same synchronous step. Between two pieces it waits for the client
 * to read. Resolves to false when the client left or subscribed again: then `signal` is aborted. Rejects when the event log cannot be
 * read, or had a gap or was recreated during the replay: the client then returns with its cursor, and gets a gap message.
 */
export async function catchUp(target: ReplayTarget, subscription: Subscription, signal: AbortSignal, deps: CatchUpDeps): Promise<boolean> {
  return new Replay(target, subscription, signal, deps).run()
}

class Replay {
  readonly #target: ReplayTarget
  readonly #subscription: Subscription
  readonly #signal: AbortSignal
  readonly #deps: CatchUpDeps
  #reader: HistoryReader
  #gap: { requested: string | null; reason: GapReason; missed?: number } | null = null
  /** The cursor of the last event that the client has: what a gap message refers to. */
  #cursor: string | null

  constructor(target: ReplayTarget, subscription: Subscription, signal: AbortSignal, deps: CatchUpDeps) {
    this.#target = target
    this.#subscription = subscription
    this.#signal = signal
    this.#deps = deps
    this.#cursor = subscription.cursor?.text ?? null
    this.#reader = this.#open()
  }

  async run(): Promise<boolean> {
    const { recent, advanced, turn } = this.#deps
    while (this.#isCurrent() && recent.position === null) await advanced(AHEAD_PATIENCE_MS)
    const { restarts } = recent
    let next = await this.#begin()
    while (this.#isCurrent()) {
      if (recent.restarts !== restarts) throw new Error('the event log had a gap or was recreated during the replay')
      if (recent.covers(next)) {
        await turn()
        if (!this.#isCurrent()) return false
        if (!recent.covers(next)) continue
        const piece = recent.slice(next, PIECE_BYTES)
        this.#deliver(pieceOf(piece.items))
        if (piece.isEnd) return this.#join()
        next = piece.next
      } else next = await this.#readPast(next)
      await this.#target.readOn(this.#signal)
    }
    return false
  }

  #open(): HistoryReader {
    return this.#deps.history.open(() => this.#isCurrent())
  }

  #isCurrent(): boolean {
    return !this.#signal.aborted
  }

  /** Returns the offset from which everything is read. What the client gets from before it is sent already. */
  async #begin(): Promise<bigint> {
    const { cursor, since, last } = this.#subscription
    if (cursor) return this.#resume(cursor, last)
    if (since !== null) return this.#sinceTime(since, last)
    return last === null ? this.#position() : this.#onFrom(0n, last)
  }

  /** Whether anything stood before the oldest event since that time is not known any more, so the client is told. */
  async #sinceTime(timeMs: number, last: number | null): Promise<bigint> {
    const { from, isCut } = await this.#deps.history.since(timeMs)
    if (isCut) this.#gap = { requested: null, reason: 'expired' }
    return this.#onFrom(from, last)
  }

  /** Whatever it asks for besides, a cursor that is not of this event log is told. */
  async #resume(cursor: { text: string; offset: bigint }, last: number | null): Promise<bigint> {
    const fault = await this.#faultOf(cursor)
    if (fault) return this.#afterGap(cursor.text, fault.reason, last, fault.missed)
    const next = cursor.offset + 1n
    if (last !== null && this.#position() - cursor.offset > BigInt(last)) return this.#onFrom(next, last)
    return this.#deps.recent.covers(cursor.offset) ? next : this.#onFrom(next, null)
  }

  /** Why a client cannot go on from this cursor; null if it can. */
  async #faultOf(cursor: { text: string; offset: bigint }): Promise<{ reason: GapReason; missed?: number } | null> {
    if (!(await this.#reaches(cursor.offset))) return { reason: 'unknown-cursor' }
    const { recent } = this.#deps
    if (recent.covers(cursor.offset)) return recent.at(cursor.offset)?.cursor === cursor.text ? null : { reason: 'unknown-cursor' }
    // By a reader of its own: what this one reads counts as sent.
    const page = await this.#open().read(cursor.offset, cursor.offset + 1n)
    if (page.outside) return { reason: 'expired', missed: Number(page.next - cursor.offset - 1n) }
    return page.items[0]?.cursor === cursor.text ? null : { reason: 'unknown-cursor' }
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
  async #afterGap(requested: string, reason: GapReason, last: number | null, missed = 0): Promise<bigint> {
    this.#gap = { requested, reason, ...(missed > 0 ? { missed } : {}) }
    this.#reader = this.#open() // a reader that has read nothing of this event log yet
    return last === null ? 0n : this.#onFrom(0n, last)
  }

  /**
   * Everything from this offset on, or the last `last` events of it. What the index knows costs what it delivers: events that stand far
   * from each other are read one by one.
   */
  async #onFrom(from: bigint, last: number | null): Promise<bigint> {
    const { recent, history } = this.#deps
    const { types } = this.#subscription
    const position = this.#position()
    const kept = recent.coveredFrom ?? position
    if (last === 0 || from >= position) return position
    if (last === null) return from >= kept ? from : this.#someOf(history.between(from, kept, types), from, kept)
    const start = recent.startOfLast(last, types) // undefined when fewer than `last` are kept
    if (start !== undefined && start > from) {
      this.#skipTo(from)
      return start
    }
    const offsets = start === undefined ? await history.last(last, types, position, () => this.#isCurrent()) : []
    const wanted = offsets.filter((offset) => offset >= from)
    const [first] = wanted
    if (first !== undefined && wanted.length === last && first > from) this.#skipTo(from)
    return this.#someOf(
      wanted.filter((offset) => offset < kept),
      first ?? from,
      kept,
    )
  }

  /** There are more than the `last` events asked for. A client with a cursor is told; one with a time has what it asked for. */
  #skipTo(from: bigint): void {
    if (this.#subscription.since !== null) this.#gap = null
    if (this.#subscription.cursor && from > 0n && this.#gap === null) this.#gap = { requested: this.#cursor, reason: 'skipped' }
  }

  /** Delivers the events at these offsets, all that the client wants from before `kept`. Null: only reading tells which these are. */
  async #someOf(offsets: readonly bigint[] | null, from: bigint, kept: bigint): Promise<bigint> {
    if (offsets === null) return from
    const [first] = offsets
    if (first === undefined) return kept > from ? kept : from
    if (BigInt(offsets.length * SPARSE) >= kept - first) return first
    for (let left = offsets; left.length > 0 && this.#isCurrent(); ) {
      const { items, rest } = await this.#reader.readAt(left)
      await this.#inPieces(items)
      left = rest
    }
    return kept
  }

  async #readPast(from: bigint): Promise<bigint> {
    const { recent, advanced } = this.#deps
    const position = this.#position()
    // Beyond our position (a read saw more of the event log than the tail): the live stream will deliver it.
    if (from > position) return position
    const page = await this.#reader.read(from, position)
    if (page.outside && this.#gap === null && from > 0n) {
      this.#gap = { requested: this.#cursor, reason: 'expired', missed: Math.max(1, Number(page.next - from)) }
    }
    // The leader's end offset can briefly be older than the tail's position; and the tail can be behind the beginning of the event log.
    if ((page.next <= from && !recent.covers(from)) || page.next > position) await advanced(100)
    await this.#inPieces(page.items)
    return page.next > from ? page.next : from
  }

  async #inPieces(items: readonly FeedItem[]): Promise<void> {
    for (const piece of this.#deps.pieces.of(items)) {
      await this.#deps.turn()
      await this.#target.readOn(this.#signal)
      if (!this.#isCurrent()) return
      this.#deliver(piece)
    }
  }

  #deliver(piece: Piece): void {
    const newest = piece.items[piece.items.length - 1]
    if (newest === undefined) return
    const wanted = wantedOf(piece, this.#subscription)
    if (wanted[0] !== undefined) this.#tellGap(wanted[0].cursor)
    this.#target.events(wanted, newest.cursor)
    this.#cursor = newest.cursor
  }

  #tellGap(oldest: string | null): void {
    if (this.#gap === null) return
    this.#target.gap({ ...this.#gap, oldest })
    this.#gap = null
  }

  #join(): boolean {
    this.#tellGap(null)
    this.#target.caughtUp(this.#deps.recent.cursor)
    return true
  }

  #position(): bigint {
    return this.#deps.recent.position ?? 0n
  }
}
