import type { OutgoingRecord } from '../../kafka/record.ts'
import type { Clock } from '../../lifecycle/clock.ts'
import { BatchPace } from '../../lifecycle/pace/batch-pace.ts'
import { withDeadline } from '../../lifecycle/time.ts'
import { DRAIN_MS, HELD_UP_AFTER_MS, RETRY_MS, SLOW_ACK_MS, TICK_MS } from '../timings.ts'
import { OwnEcho } from './own-echo.ts'
import { type PendingAnnouncement, PendingAnnouncements, type PendingAnnouncementsOptions } from './pending-announcements.ts'
import { Turns } from './turns.ts'

export interface AnnouncementWriterDeps {
  /** Resolves with whether Kafka accepted the record; rejects when a retry is possible. */
  readonly write: (record: OutgoingRecord) => Promise<'acknowledged' | 'refused'>
  readonly isPrimary: () => boolean
  readonly tailIsLive: () => boolean
  readonly rank: (id: string) => number
  readonly onWritten: (record: OutgoingRecord, latencyMs: number, isTakenOver: boolean) => void
  readonly onDropped: (record: OutgoingRecord) => void
  readonly onWriteError: (error: unknown) => void
  readonly clock: Pick<Clock, 'steady'>
}

const MAX_BATCH = 500

/**
 * Writes accepted announcements to the event log. `Turns` says which of them are due, `BatchPace` and `OwnEcho` when the next batch may
 * begin; one batch is under way at a time, and nothing waits behind it in a queue of the producer.
 *
 * This only serves speed and few copies. Every reader takes the first occurrence of an id, so two writers of one announcement do no
 * harm.
 */
export class AnnouncementWriter {
  readonly #deps: AnnouncementWriterDeps
  readonly #pending: PendingAnnouncements
  readonly #turns: Turns
  readonly #pace: BatchPace
  readonly #echo = new OwnEcho()
  /** Ids of the batch that is being written, each with its record if a bound has dropped it meanwhile. */
  readonly #underWay = new Map<string, OutgoingRecord | undefined>()
  #paceTimer: NodeJS.Timeout | undefined
  #tickTimer: NodeJS.Timeout | undefined
  #lastTickAt = 0
  #tailWasLive = false
  #isWriting = false
  #writingSince = 0
  #isPumpQueued = false
  #retryAt = 0
  #isLast = false
  #onIdle: (() => void) | undefined

  constructor(options: PendingAnnouncementsOptions, deps: AnnouncementWriterDeps) {
    this.#deps = deps
    this.#pending = new PendingAnnouncements(options, { onDropped: (entry) => this.#dropped(entry) })
    this.#turns = new Turns({ pending: this.#pending, isPrimary: deps.isPrimary, rank: deps.rank })
    this.#pace = new BatchPace({}, { clock: deps.clock })
  }

  queued(): { records: number; bytes: number } {
    return { records: this.#pending.size, bytes: this.#pending.bytes }
  }

  has(id: string): boolean {
    return this.#pending.has(id) || this.#underWay.has(id)
  }

  /** Takes an accepted announcement; never waits. An id that is already pending or being written is ignored. */
  offer(id: string, record: OutgoingRecord): void {
    if (this.has(id)) return
    this.#turns.isPrimary() // a new primary hands over the announcements that it received before this one
    this.#pending.add(id, record, this.#deps.clock.steady())
    this.#startTicking()
    this.#queuePump()
  }

  /** Call it for each id that the own tail reads. */
  cameBy(id: string): void {
    this.#pending.delete(id)
    if (this.#underWay.has(id)) this.#underWay.set(id, undefined)
    if (this.#echo.cameBy(id)) this.#queuePump()
    this.#settleIdle()
  }

  /** Waits for the others and the tail, writes the rest, and ends. Gossip must have stopped before. */
  async stop(): Promise<void> {
    await this.#idle()
    this.#isLast = true
    this.#pump()
    await this.#idle()
    clearInterval(this.#tickTimer)
    clearTimeout(this.#paceTimer)
    for (const { record } of this.#pending.entries()) this.#deps.onDropped(record)
    for (const record of this.#underWay.values()) if (record) this.#deps.onDropped(record)
    this.#underWay.clear()
  }

  /** A record that is being written is not lost by a bound: its batch keeps it, and the outcome of the write decides. */
  #dropped({ id, record }: PendingAnnouncement): void {
    if (this.#underWay.has(id)) this.#underWay.set(id, record)
    else this.#deps.onDropped(record)
  }

  #startTicking(): void {
    if (this.#tickTimer) return
    this.#lastTickAt = this.#deps.clock.steady()
    this.#tailWasLive = this.#deps.tailIsLive()
    this.#tickTimer = setInterval(() => this.#tick(), TICK_MS)
  }

  #tick(): void {
    const now = this.#deps.clock.steady()
    const isLive = this.#deps.tailIsLive()
    if (isLive && !this.#tailWasLive) this.#pending.restartAges()
    this.#pending.advance(isLive && !this.#isHeldUp(now) ? now - this.#lastTickAt : 0, now)
    this.#lastTickAt = now
    this.#tailWasLive = isLive
    this.#echo.giveUp(now)
    this.#pump()
    if (this.#pending.size > 0 || this.#isWriting || this.#echo.isAwaited()) return
    clearInterval(this.#tickTimer)
    this.#tickTimer = undefined
  }

  /**
   * While our own write is not acknowledged, nobody's is, not even the primary's. Pending announcements then wait for Kafka, and without
   * this check every instance would write them when Kafka is back.
   */
  #isHeldUp(now: number): boolean {
    return this.#isWriting && now - this.#writingSince > HELD_UP_AFTER_MS
  }

  /** One pump for all announcements of one turn of the event loop, so that a burst becomes a batch. */
  #queuePump(): void {
    if (this.#isPumpQueued) return
    this.#isPumpQueued = true
    setImmediate(() => {
      this.#isPumpQueued = false
      this.#pump()
    })
  }

  #pump(): void {
    if (this.#isWriting || this.#pending.size === 0 || this.#deps.clock.steady() < this.#retryAt) return
    const isPrimary = this.#turns.isPrimary()
    const batch = this.#isLast ? [...this.#pending.entries()].slice(0, MAX_BATCH) : this.#nextBatch(isPrimary)
    if (batch.length > 0) void this.#write(batch, isPrimary)
  }

  #nextBatch(isPrimary: boolean): PendingAnnouncement[] {
    const waitMs = this.#pace.waitMs()
    if (waitMs > 0) {
      this.#paceTimer ??= setTimeout(() => {
        this.#paceTimer = undefined
        this.#pump()
      }, waitMs)
      return []
    }
    if (this.#echo.isAwaited() || !this.#deps.tailIsLive()) return []
    return this.#turns.due(isPrimary, MAX_BATCH)
  }

  async #write(batch: PendingAnnouncement[], isPrimary: boolean): Promise<void> {
    const { clock, write } = this.#deps
    const startedAt = clock.steady()
    this.#isWriting = true
    this.#writingSince = startedAt
    this.#pace.begun(batch.length)
    for (const { id } of batch) this.#underWay.set(id, undefined)
    const results = await Promise.allSettled(batch.map(async ({ record }) => write(record)))
    const now = clock.steady()
    const isSlow = now - startedAt > SLOW_ACK_MS
    for (const [index, result] of results.entries()) {
      const entry = batch[index]
      if (entry) this.#settle(entry, result, { isPrimary, isSlow, now })
    }
    this.#echo.acknowledged(now)
    if (isSlow && !(isPrimary && this.#turns.isPrimary())) this.#pending.restartAges()
    this.#isWriting = false
    this.#settleIdle()
    this.#pump()
  }

  #settle({ id, heardAt, record }: PendingAnnouncement, result: WriteResult, { isPrimary, isSlow, now }: BatchOutcome): void {
    const dropped = this.#underWay.get(id)
    this.#underWay.delete(id)
    if (result.status === 'rejected') {
      if (dropped) this.#deps.onDropped(dropped)
      this.#retryAt = now + RETRY_MS
      this.#deps.onWriteError(result.reason)
      return
    }
    const cameByAlready = !dropped && !this.#pending.has(id)
    this.#pending.delete(id)
    if (result.value !== 'acknowledged') return
    this.#deps.onWritten(record, now - heardAt, !isPrimary)
    if ((isSlow || !isPrimary) && !cameByAlready) this.#echo.expect(id)
  }

  /** Resolves when nothing is pending or being written, or after the time in which every turn has come. */
  async #idle(): Promise<void> {
    const idle = new Promise<void>((resolve) => {
      this.#onIdle = resolve
    })
    this.#settleIdle()
    await withDeadline(idle, DRAIN_MS, 'draining the pending announcements').catch(() => {})
  }

  #settleIdle(): void {
    if (this.#pending.size > 0 || this.#isWriting) return
    this.#onIdle?.()
    this.#onIdle = undefined
  }
}

type WriteResult = PromiseSettledResult<'acknowledged' | 'refused'>

interface BatchOutcome {
  readonly isPrimary: boolean
  readonly isSlow: boolean
  readonly now: number
}
