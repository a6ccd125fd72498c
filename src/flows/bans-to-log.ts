import type { Ban, BanChange } from '../bans/ban.ts'
import type { UnpublishedChange } from '../bans/ports.ts'
import { banId } from '../events/entries/event-id.ts'
import type { LogEvent } from '../events/event.ts'
import { createBackOff, sleep, withDeadline } from '../lifecycle/time.ts'

export interface BansToLogOptions {
  readonly network: string
  readonly bridgeId: string
  /** How often the outbox is read without a notification. */
  readonly everyMs?: number
}

export interface BansToLogDeps {
  /** True on the one instance that publishes. A second publisher for a moment does no harm. */
  readonly mayPublish: () => boolean
  /** Calls the listener when the ban list has changed or this instance may have become the publisher. Returns the unsubscribe function. */
  readonly onNews: (listener: () => void) => () => void
  /** Oldest first. */
  readonly pending: (limit: number) => Promise<readonly UnpublishedChange[]>
  readonly markPublished: (revisions: readonly number[]) => Promise<void>
  /** Resolves when the event is acknowledged. Events keep the order in which they were appended. */
  readonly append: (event: LogEvent) => Promise<unknown>
  /** To the compacted topic of current bans; null is a tombstone. Resolves when acknowledged. */
  readonly writeBan: (key: string, ban: Ban | null, revision: number) => Promise<unknown>
  /** Called when all changes are published, to keep that topic right. `isNew`: another instance published before. */
  readonly keepTopic?: ((isNew: boolean) => Promise<void>) | undefined
  readonly onPublished: (count: number) => void
  readonly onError: (error: unknown) => void
  readonly now: () => number
}

const BATCH = 200
const TOMBSTONES_AT_ONCE = 500
/** After a publish: the changes of this time share the next one. A thousand commands at once would else be as many publishes. */
const PAUSE_MS = 50
const FIRST_RETRY_MS = 200
const LONGEST_RETRY_MS = 1000
const STOP_DEADLINE_MS = 1000

/**
 * Empties the outbox of the ban list into the event log and into the topic of current bans. A change is marked only when both have
 * acknowledged it, so each arrives at least once. A repeated event has the same id, and repeated bans end in the same state,
 * because the whole batch is written again.
 */
export class BansToLog {
  readonly #options: BansToLogOptions
  readonly #deps: BansToLogDeps
  readonly #stopped = new AbortController()
  #news = new AbortController()
  #running: Promise<void> | undefined
  #undo: (() => void) | undefined
  #wasPublishing = false

  constructor(options: BansToLogOptions, deps: BansToLogDeps) {
    this.#options = options
    this.#deps = deps
  }

  start(): void {
    this.#undo ??= this.#deps.onNews(() => this.#news.abort())
    this.#running ??= this.#run()
  }

  /** Waits a moment for a write in flight. The next primary publishes the changes that are not marked yet. */
  async stop(): Promise<void> {
    this.#undo?.()
    this.#stopped.abort()
    this.#news.abort()
    await withDeadline(this.#running ?? Promise.resolve(), STOP_DEADLINE_MS, 'publishing bans').catch(() => {})
  }

  async #run(): Promise<void> {
    const { everyMs = 5000 } = this.#options
    const backOff = createBackOff(FIRST_RETRY_MS, LONGEST_RETRY_MS)
    while (!this.#stopped.signal.aborted) {
      this.#news = new AbortController()
      try {
        const published = await this.#empty()
        await this.#keepTopic()
        backOff.reset()
        if (published > 0) await sleep(PAUSE_MS, this.#stopped.signal)
        await sleep(everyMs, this.#news.signal)
      } catch (error) {
        this.#wasPublishing = false // a database that was away may be another one now, restored from a backup
        if (!this.#stopped.signal.aborted) this.#deps.onError(error)
        await sleep(backOff.next(), this.#stopped.signal)
      }
    }
  }

  /** Resolves with the number of changes that were published. */
  async #empty(): Promise<number> {
    const { mayPublish, pending, markPublished, onPublished } = this.#deps
    let published = 0
    for (let left = BATCH; left === BATCH && mayPublish() && !this.#stopped.signal.aborted; ) {
      const batch = await pending(BATCH)
      left = batch.length
      if (left === 0) return published
      await this.#publish(batch)
      await markPublished(batch.map(({ revision }) => revision))
      onPublished(left)
      published += left
    }
    return published
  }

  async #keepTopic(): Promise<void> {
    const isPublishing = this.#deps.mayPublish() && !this.#stopped.signal.aborted
    const isNew = !this.#wasPublishing
    this.#wasPublishing = false // also after a failure: the next try starts over
    if (isPublishing) await this.#deps.keepTopic?.(isNew)
    this.#wasPublishing = isPublishing
  }

  async #publish(batch: readonly UnpublishedChange[]): Promise<void> {
    await Promise.all(batch.map(({ change }) => this.#deps.append(this.#toEvent(change))))
    const bans = [...lastStates(batch)]
    for (let from = 0; from < bans.length; from += TOMBSTONES_AT_ONCE) {
      await Promise.all(
        bans.slice(from, from + TOMBSTONES_AT_ONCE).map(([key, { ban, revision }]) => this.#deps.writeBan(key, ban, revision)),
      )
    }
  }

  #toEvent(change: BanChange): LogEvent {
    const { network, bridgeId } = this.#options
    const id = banId(network, bridgeId, change)
    return { id, network, bridgeId, origin: 'own', peerId: null, receivedAt: this.#deps.now(), type: 'ban', ban: change }
  }
}

interface KeyState {
  readonly ban: Ban | null
  readonly revision: number
}

/** The last state of each key in the batch. */
function lastStates(batch: readonly UnpublishedChange[]): Map<string, KeyState> {
  const states = new Map<string, KeyState>()
  for (const { revision, change, ban, removedKeys } of batch) {
    if (!change.changed) continue
    for (const key of removedKeys) states.set(key, { ban: null, revision })
    // A clear also undoes earlier changes of the same batch: their keys are among the removed ones.
    if (change.action !== 'clear') states.set(change.key, { ban, revision })
  }
  return states
}
