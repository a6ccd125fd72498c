import { setTimeout as delay } from 'node:timers/promises'
import type { Ban, BanChange } from '../bans/ban.ts'
import { banId } from '../events/entries/event-id.ts'
import type { LogEvent } from '../events/event.ts'

export interface BansToLogOptions {
  readonly network: string
  readonly bridgeId: string
  /** How often the outbox is looked at when nobody says that there is something in it. */
  readonly everyMs?: number
}

/** A change that stands in the ban store and has not been published. */
export interface UnpublishedBanChange {
  readonly revision: number
  readonly change: BanChange
  /** The entry that an `add` made; null for all else. */
  readonly ban: Ban | null
  /** What a `clear` removed. */
  readonly removedKeys: readonly string[]
}

export interface BansToLogDeps {
  /** One instance of a bridge publishes; a second one for a moment does no harm. */
  readonly isHolder: () => boolean
  /** Oldest first. */
  readonly pending: (limit: number) => Promise<readonly UnpublishedBanChange[]>
  readonly markPublished: (revisions: readonly number[]) => Promise<void>
  /** Resolves when the log has acknowledged it. Events that are given in order get there in order. */
  readonly writeEvent: (event: LogEvent) => Promise<unknown>
  /** To the compacted topic of current bans; null is a tombstone. Resolves when acknowledged. */
  readonly writeBan: (key: string, ban: Ban | null) => Promise<unknown>
  readonly onPublished: (count: number) => void
  readonly onError: (error: unknown) => void
  readonly now: () => number
}

const BATCH = 200
const TOMBSTONES_AT_ONCE = 500
const FIRST_RETRY_MS = 200
const LONGEST_RETRY_MS = 1000
const STOP_DEADLINE_MS = 1000

/**
 * Empties the outbox of the ban list into the log and into the topic of current bans. A change is marked only when both
 * have acknowledged it, so each gets there at least once; a repeated event has the same id, and repeated bans end in the
 * same state because a batch is written again as a whole.
 */
export class BansToLog {
  readonly #options: BansToLogOptions
  readonly #deps: BansToLogDeps
  readonly #stopped = new AbortController()
  #wakeUp = new AbortController()
  #running: Promise<void> | undefined

  constructor(options: BansToLogOptions, deps: BansToLogDeps) {
    this.#options = options
    this.#deps = deps
  }

  start(): void {
    this.#running ??= this.#run()
  }

  /** There may be something in the outbox, or this instance has just become the holder. */
  wake(): void {
    this.#wakeUp.abort()
  }

  /** Lets a write in flight end, for a moment; what was not marked is published by whoever comes next. */
  async stop(): Promise<void> {
    this.#stopped.abort()
    const limit = new AbortController()
    await Promise.race([this.#running, delay(STOP_DEADLINE_MS, undefined, { signal: limit.signal }).catch(() => {})])
    limit.abort()
  }

  async #run(): Promise<void> {
    const { everyMs = 5000 } = this.#options
    let retryMs = FIRST_RETRY_MS
    while (!this.#stopped.signal.aborted) {
      this.#wakeUp = new AbortController()
      try {
        await this.#empty()
        retryMs = FIRST_RETRY_MS
        await this.#wait(everyMs, AbortSignal.any([this.#stopped.signal, this.#wakeUp.signal]))
      } catch (error) {
        if (!this.#stopped.signal.aborted) this.#deps.onError(error)
        await this.#wait(retryMs, this.#stopped.signal)
        retryMs = Math.min(retryMs * 2, LONGEST_RETRY_MS)
      }
    }
  }

  async #empty(): Promise<void> {
    const { isHolder, pending, markPublished, onPublished } = this.#deps
    for (let left = BATCH; left === BATCH && isHolder() && !this.#stopped.signal.aborted; ) {
      const batch = await pending(BATCH)
      left = batch.length
      if (left === 0) return
      await this.#publish(batch)
      await markPublished(batch.map(({ revision }) => revision))
      onPublished(left)
    }
  }

  async #publish(batch: readonly UnpublishedBanChange[]): Promise<void> {
    await Promise.all(batch.map(({ change }) => this.#deps.writeEvent(this.#toEvent(change))))
    const bans = [...lastStates(batch)]
    for (let from = 0; from < bans.length; from += TOMBSTONES_AT_ONCE) {
      await Promise.all(bans.slice(from, from + TOMBSTONES_AT_ONCE).map(([key, ban]) => this.#deps.writeBan(key, ban)))
    }
  }

  #toEvent(change: BanChange): LogEvent {
    const { network, bridgeId } = this.#options
    const id = banId(network, bridgeId, change)
    return { id, network, bridgeId, origin: 'own', peerId: null, receivedAt: this.#deps.now(), type: 'ban', ban: change }
  }

  async #wait(ms: number, signal: AbortSignal): Promise<void> {
    await delay(ms, undefined, { signal }).catch(() => {})
  }
}

/** What each key of the batch has come to in the end. */
function lastStates(batch: readonly UnpublishedBanChange[]): Map<string, Ban | null> {
  const states = new Map<string, Ban | null>()
  for (const { change, ban, removedKeys } of batch) {
    if (!change.changed) continue
    for (const key of removedKeys) states.set(key, null)
    // A clear also undoes what stands before it in the same batch, and those keys are among what it removed.
    if (change.action !== 'clear') states.set(change.key, ban)
  }
  return states
}
