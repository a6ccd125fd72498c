import type { OutgoingRecord } from '../../kafka/record.ts'
import { BatchPace } from './batch-pace.ts'
import { Ring, type RingEntry, type RingOptions } from './pending-announcements.ts'

export interface LogWriterOptions extends RingOptions {
  /** How long an instance that is not the holder waits, per rank, before it writes what has not come by. */
  readonly takeOverAfterMs?: number
  readonly maxBatch?: number
  /** At most so long does a stop wait for the ring to empty by itself. */
  readonly drainMs?: number
}

export interface LogWriterDeps {
  /** Resolves for each record whether the broker acknowledged it; rejects when it may be tried again. */
  readonly write: (record: OutgoingRecord) => Promise<'acknowledged' | 'refused'>
  /** Assigned by the group, and the last answered heartbeat was sent less than half a session ago. */
  readonly isHolder: () => boolean
  readonly tailIsLive: () => boolean
  /** In which turn this instance writes what the holder did not, 1 to 3: see rank.ts. */
  readonly rank: (id: string) => number
  readonly onWritten?: (latencyMs: number, takenOver: boolean) => void
  readonly onDropped?: (record: OutgoingRecord) => void
  readonly onWriteError?: (error: unknown) => void
  readonly now?: () => number
}

const TICK_MS = 20
/** A batch that took so long says that the log was hard to write: everybody may have taken it over meanwhile. */
const SLOW_ACK_MS = 1000
/** A batch that was acknowledged and does not come by for so long is no longer waited for. */
const LONGEST_WAIT_FOR_OWN_MS = 30_000
const RETRY_AFTER_MS = 100
/** Longer than brokers take that work. */
const HELD_UP_AFTER_MS = 100

/**
 * Decides who of the instances that heard an announcement writes it to the log, and when.
 *
 * The holder writes at once what it hears as the holder; everybody else drops an entry when it comes by in the tail, and writes
 * it when it has not come by after a time that grows with the instance's rank for that id. All this is about speed and few
 * copies: every reader of the log takes the first occurrence of an id, so two writers of one entry are harmless.
 */
export class LogWriter {
  readonly #options: Required<LogWriterOptions>
  readonly #deps: LogWriterDeps
  readonly #ring: Ring
  readonly #now: () => number
  readonly #pace: BatchPace
  #paceTimer: NodeJS.Timeout | undefined
  /** Ids of the last batch while they have not come by in the own tail, when the next batch has to wait for that. */
  readonly #awaited = new Set<string>()
  /** Ids of the batch that is being written; with the record where it has fallen out of the full ring meanwhile. */
  readonly #underWay = new Map<string, OutgoingRecord | undefined>()
  #awaitedSince = 0
  #timer: NodeJS.Timeout | undefined
  #lastTickAt = 0
  #tailWasLive = false
  #wasHolder = false
  #writing = false
  #writingSince = 0
  #pumpQueued = false
  #retryAt = 0
  #writeAll = false
  #onIdle: (() => void) | undefined

  constructor(options: LogWriterOptions, deps: LogWriterDeps) {
    this.#options = { takeOverAfterMs: 500, maxBatch: 500, drainMs: 1600, ...options }
    this.#deps = deps
    this.#now = deps.now ?? (() => performance.now())
    this.#pace = new BatchPace(this.#now)
    this.#ring = new Ring(options, { onDropped: (entry) => this.#fellOut(entry) })
  }

  queued(): { records: number; bytes: number } {
    return { records: this.#ring.size, bytes: this.#ring.bytes }
  }

  has(id: string): boolean {
    return this.#ring.has(id) || this.#underWay.has(id)
  }

  /** Takes an accepted announcement; never waits. An id that waits or is being written already changes nothing. */
  offer(id: string, record: OutgoingRecord): void {
    if (this.has(id)) return
    this.#isHolder()
    this.#ring.add(id, record, this.#now())
    this.#startTimer()
    this.#queuePump()
  }

  /** To be told of each id that comes by in the own tail. */
  cameBy(id: string): void {
    this.#ring.delete(id)
    if (this.#underWay.has(id)) this.#underWay.set(id, undefined)
    if (this.#awaited.delete(id) && this.#awaited.size === 0) this.#queuePump()
    this.#settleIdle()
  }

  /** Waits a little for the others and the tail, writes what is left, and ends. Hearing must have ended before. */
  async stop(): Promise<void> {
    const idle = this.#ring.size === 0 && !this.#writing ? Promise.resolve() : new Promise<void>((resolve) => (this.#onIdle = resolve))
    await withLimit(idle, this.#options.drainMs)
    this.#writeAll = true
    this.#pump()
    await withLimit(
      new Promise<void>((resolve) => {
        this.#onIdle = resolve
        this.#settleIdle()
      }),
      this.#options.drainMs,
    )
    this.#stopTimer()
    clearTimeout(this.#paceTimer)
    for (const { record } of this.#ring.entries()) this.#deps.onDropped?.(record)
    for (const record of this.#underWay.values()) if (record) this.#deps.onDropped?.(record)
    this.#underWay.clear()
  }

  /** What is being written is not lost by that: its batch keeps it, and the brokers say in the end what has become of it. */
  #fellOut({ id, record }: RingEntry): void {
    if (this.#underWay.has(id)) this.#underWay.set(id, record)
    else this.#deps.onDropped?.(record)
  }

  #startTimer(): void {
    if (this.#timer) return
    this.#lastTickAt = this.#now()
    this.#tailWasLive = this.#deps.tailIsLive()
    this.#timer = setInterval(() => this.#tick(), TICK_MS)
  }

  #stopTimer(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  #tick(): void {
    const now = this.#now()
    const live = this.#deps.tailIsLive()
    if (live && !this.#tailWasLive) this.#ring.restartAges()
    this.#ring.advance(live && !this.#isHeldUp(now) ? now - this.#lastTickAt : 0, now)
    this.#lastTickAt = now
    this.#tailWasLive = live
    if (this.#awaited.size > 0 && now - this.#awaitedSince > LONGEST_WAIT_FOR_OWN_MS) this.#awaited.clear()
    this.#pump()
    if (this.#ring.size === 0 && !this.#writing && this.#awaited.size === 0) this.#stopTimer()
  }

  /**
   * While a write of our own is not acknowledged, nobody's is, the holder's neither: what waits then waits for the log, and would be
   * written by everybody at once when the log goes on.
   */
  #isHeldUp(now: number): boolean {
    return this.#writing && now - this.#writingSince > HELD_UP_AFTER_MS
  }

  /** One pump for all that one turn of the event loop brings, so that a burst becomes a batch. */
  #queuePump(): void {
    if (this.#pumpQueued) return
    this.#pumpQueued = true
    setImmediate(() => {
      this.#pumpQueued = false
      this.#pump()
    })
  }

  #pump(): void {
    if (this.#writing || this.#ring.size === 0 || this.#now() < this.#retryAt) return
    const isHolder = this.#isHolder()
    const waitMs = this.#writeAll ? 0 : this.#pace.waitMs()
    if (waitMs > 0) {
      this.#paceTimer ??= setTimeout(() => {
        this.#paceTimer = undefined
        this.#pump()
      }, waitMs)
      return
    }
    if (!this.#writeAll && (this.#awaited.size > 0 || !this.#deps.tailIsLive())) return
    const due = this.#due(isHolder)
    if (due.length > 0) void this.#writeBatch(due, isHolder)
  }

  /**
   * What was heard before this instance became the holder may be on its way by the one before, or by those who took over: it waits
   * for its turn like anybody's, or a whole outage would be written twice.
   */
  #isHolder(): boolean {
    const isHolder = this.#deps.isHolder()
    if (isHolder && !this.#wasHolder) this.#ring.handOver()
    this.#wasHolder = isHolder
    return isHolder
  }

  #due(isHolder: boolean): RingEntry[] {
    const due: RingEntry[] = []
    for (const entry of this.#ring.entries()) {
      const isForTheHolder = isHolder && !this.#ring.isHandedOver(entry)
      if (this.#writeAll || isForTheHolder || this.#isItsTurn(entry)) due.push(entry)
      if (due.length === this.#options.maxBatch) break
    }
    return due
  }

  /** The first turn comes after `takeOverAfterMs`, so the rank of a younger entry need not be computed. */
  #isItsTurn(entry: RingEntry): boolean {
    const age = this.#ring.age(entry)
    const { takeOverAfterMs } = this.#options
    return age >= takeOverAfterMs && age >= takeOverAfterMs * this.#deps.rank(entry.id)
  }

  async #writeBatch(batch: RingEntry[], isHolder: boolean): Promise<void> {
    this.#writing = true
    this.#pace.begun(batch.length)
    const startedAt = this.#now()
    this.#writingSince = startedAt
    for (const { id } of batch) this.#underWay.set(id, undefined)
    const results = await Promise.allSettled(batch.map(async (entry) => this.#deps.write(entry.record)))
    const now = this.#now()
    const isSlow = now - startedAt > SLOW_ACK_MS
    for (const [index, result] of results.entries()) {
      const entry = batch[index]
      if (entry) this.#settle(entry, result, isHolder, isSlow, now)
    }
    this.#awaitedSince = now
    if (isSlow && !(isHolder && this.#isHolder())) this.#ring.restartAges()
    this.#writing = false
    this.#settleIdle()
    this.#pump()
  }

  #settle(
    entry: RingEntry,
    result: PromiseSettledResult<'acknowledged' | 'refused'>,
    isHolder: boolean,
    isSlow: boolean,
    now: number,
  ): void {
    const fallenOut = this.#underWay.get(entry.id)
    this.#underWay.delete(entry.id)
    if (result.status === 'rejected') {
      if (fallenOut) this.#deps.onDropped?.(fallenOut)
      this.#retryAt = now + RETRY_AFTER_MS
      this.#deps.onWriteError?.(result.reason)
      return
    }
    const cameByAlready = !fallenOut && !this.#ring.has(entry.id)
    this.#ring.delete(entry.id)
    if (result.value !== 'acknowledged') return
    this.#deps.onWritten?.(now - entry.heardAt, !isHolder)
    if ((isSlow || !isHolder) && !cameByAlready) this.#awaited.add(entry.id)
  }

  #settleIdle(): void {
    if (this.#ring.size > 0 || this.#writing) return
    this.#onIdle?.()
    this.#onIdle = undefined
  }
}

/** Resolves with the promise or after the limit, whichever is first, and leaves no timer behind. */
async function withLimit(promise: Promise<void>, limitMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, limitMs)
  })
  await Promise.race([promise, limit])
  clearTimeout(timer)
}
