import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { Clock } from '../lifecycle/clock.ts'
import type { Ban, BanChange } from './ban.ts'
import { BanList } from './ban-list.ts'
import type { BanStore, StoredChange } from './ports.ts'
import { UnusableEntries } from './unusable.ts'

export interface BanMirrorOptions {
  readonly maxEntries: number
}

export interface BanMirrorDeps {
  readonly store: BanStore
  readonly log: Logger
  readonly clock: Pick<Clock, 'steady'>
  /** The time by which bans end until the store has told its own; in milliseconds since the epoch. */
  readonly fallbackNow: () => number
  /** Reads the list from another source if the store is away at start. */
  readonly fallback?: (() => Promise<readonly Ban[]>) | undefined
  /** Receives the changes of the list, or none after the whole list was read again. */
  readonly onChanged: (changes: readonly BanChange[]) => void
  /** Receives each change of state, and each further failure. */
  readonly onState: (state: BanMirrorState) => void
}

/** The store is away, `with` or `without` a list known from before; or it has never answered and a `fallback` list is in use. */
export type BanMirrorState =
  | { readonly kind: 'level' }
  | { readonly kind: 'away-with' | 'away-without' | 'fallback'; readonly isNew: boolean; readonly error: Error }

const FIRST_RETRY_MS = 200
const LONGEST_RETRY_MS = 1000
const SLICE = 1000

/**
 * Keeps a list in memory level with the store. It reads the whole list at start and after each lost connection, follows changes
 * by revision, and keeps the last known list while the store is away.
 */
export class BanMirror {
  readonly #options: BanMirrorOptions
  readonly #deps: BanMirrorDeps
  readonly #stopped = new AbortController()
  #list: BanList
  /** Undefined while the whole list has yet to be read from the store. */
  #revision: number | undefined
  #state: BanMirrorState['kind'] | undefined
  #hasList = false
  #hasWatched = false
  #isWanted = false
  /** The store's time minus our steady clock. Undefined until the store's time is known. */
  #offsetMs: number | undefined
  #following: Promise<void> | undefined
  #unwatch: (() => Promise<void>) | undefined

  constructor(options: BanMirrorOptions, deps: BanMirrorDeps) {
    this.#options = options
    this.#deps = deps
    this.#list = new BanList(options)
  }

  get list(): BanList {
    return this.#list
  }

  /** The store's time, in whole milliseconds. Bans end by it, not by our own wall clock. */
  now(): number {
    const { clock, fallbackNow } = this.#deps
    return Math.floor(this.#offsetMs === undefined ? fallbackNow() : clock.steady() + this.#offsetMs)
  }

  /** Sets the store's time, if it has one. */
  learnTime(now: number | null): void {
    if (now !== null) this.#offsetMs = now - this.#deps.clock.steady()
  }

  /** Resolves when the list was read once, from the store or the fallback. Rejects if stopped before that, or by a fatal error. */
  async start(): Promise<void> {
    for (let retryMs = FIRST_RETRY_MS; !(await this.#readFirst()); retryMs = Math.min(retryMs * 2, LONGEST_RETRY_MS)) {
      await delay(retryMs, undefined, { signal: this.#stopped.signal })
    }
    this.#stopped.signal.throwIfAborted()
    this.#unwatch = this.#deps.store.watch({
      onNews: () => this.follow(),
      onWatching: () => this.#watching(),
      onLost: (error) => this.#away(error),
    })
    if (this.#revision === undefined) this.follow()
  }

  /** Applies changes that the caller got from the store if they follow our revision; otherwise reads from the store. */
  take(changes: readonly StoredChange[]): void {
    const fresh = changes.filter((change) => this.#revision !== undefined && change.revision > this.#revision)
    if (fresh[0] && fresh[0].revision === (this.#revision ?? 0) + 1) this.#apply(fresh)
    else if (fresh.length > 0) this.follow()
  }

  /** Reads new changes, now or as soon as the store answers. */
  follow(): void {
    this.#isWanted = true
    this.#following ??= this.#follow().finally(() => {
      this.#following = undefined
    })
  }

  async stop(): Promise<void> {
    this.#stopped.abort(new Error('the ban list was stopped before it had been read'))
    await this.#unwatch?.()
    await this.#following
  }

  async #readFirst(): Promise<boolean> {
    const { store, fallback } = this.#deps
    try {
      await this.#load(store)
      this.#level()
      return true
    } catch (error) {
      const cause = toError(error)
      if ('isFatal' in cause && cause.isFatal === true) throw cause
      if (fallback) return this.#readFallback(fallback, cause)
      this.#away(cause)
      return false
    }
  }

  async #readFallback(fallback: () => Promise<readonly Ban[]>, cause: Error): Promise<boolean> {
    try {
      const bans = await fallback()
      await this.#replace({ bans })
      this.#setState('fallback', cause)
      return true
    } catch (error) {
      const published = toError(error)
      const reasons = `${cause.message}; and the published list cannot take its place: ${published.message}`
      this.#away(new Error(reasons, { cause: published }))
      return false
    }
  }

  /** The first time, only changes after the first read are missing. After a lost connection, the whole list is read again. */
  #watching(): void {
    if (this.#hasWatched) this.#revision = undefined
    this.#hasWatched = true
    this.follow()
  }

  async #follow(): Promise<void> {
    const { signal } = this.#stopped
    let retryMs = FIRST_RETRY_MS
    while (this.#isWanted && !signal.aborted) {
      this.#isWanted = false
      try {
        await this.#read()
        this.#level()
        retryMs = FIRST_RETRY_MS
      } catch (error) {
        this.#isWanted = true
        this.#away(toError(error))
        await delay(retryMs, undefined, { signal }).catch(() => {})
        retryMs = Math.min(retryMs * 2, LONGEST_RETRY_MS)
      }
    }
  }

  async #read(): Promise<void> {
    const { store } = this.#deps
    const from = this.#revision
    const changes = from === undefined ? undefined : await store.changesSince(from)
    if (!changes) await this.#load(store)
    // `take` may have applied some of these changes during the query: skip those.
    else this.#apply(changes.filter((change) => this.#revision !== undefined && change.revision > this.#revision))
  }

  async #load(store: BanStore): Promise<void> {
    const snapshot = await store.load()
    this.learnTime(snapshot.now)
    await this.#replace(snapshot)
  }

  /** In slices: a list of 100,000 entries takes most of a second, and must not block the event loop that long. */
  async #replace({ revision, bans }: { revision?: number; bans: readonly Ban[] }): Promise<void> {
    const list = new BanList(this.#options)
    const unusable = new UnusableEntries()
    for (const [index, ban] of bans.entries()) {
      if (index % SLICE === SLICE - 1) await nextTurn()
      this.#add(list, ban, unusable)
    }
    this.#say(unusable)
    // `take` may have applied newer changes that the snapshot lacks.
    const isBehind = revision !== undefined && this.#revision !== undefined && this.#revision > revision
    this.#list = list
    this.#revision = revision
    this.#deps.onChanged([])
    if (isBehind) this.follow()
  }

  #apply(changes: readonly StoredChange[]): void {
    const unusable = new UnusableEntries()
    for (const { revision, change, ban } of changes) {
      this.#revision = revision
      if (!change.changed) continue
      if (ban) this.#add(this.#list, ban, unusable)
      else if (change.action === 'clear') this.#list.clear()
      else this.#list.remove(change.key)
    }
    this.#say(unusable)
    if (changes.length > 0) this.#deps.onChanged(changes.map(({ change }) => change))
  }

  #add(list: BanList, ban: Ban, unusable: UnusableEntries): void {
    try {
      const evicted = list.add(ban)
      if (evicted) this.#deps.log.warn({ ...this.#options, key: evicted.key }, 'ban list is full, the oldest expiry made room')
    } catch (error) {
      unusable.add(ban.key, error)
    }
  }

  #say(unusable: UnusableEntries): void {
    unusable.tell((entries) => this.#deps.log.error(entries, 'entries of the ban list cannot be used and ban nobody: remove them'))
  }

  #level(): void {
    if (this.#state === 'level' || this.#stopped.signal.aborted) return
    this.#state = 'level'
    this.#hasList = true
    this.#deps.onState({ kind: 'level' })
  }

  #away(error: Error): void {
    if (this.#state === 'fallback') this.#setState('fallback', error)
    else this.#setState(this.#hasList ? 'away-with' : 'away-without', error)
  }

  #setState(kind: Exclude<BanMirrorState['kind'], 'level'>, error: Error): void {
    if (this.#stopped.signal.aborted) return
    const isNew = this.#state !== kind
    this.#state = kind
    this.#deps.onState({ kind, isNew, error })
  }
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}
