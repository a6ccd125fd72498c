import { LIST_FULL, TIME_OVER } from './apply-ban.ts'
import { type Ban, type BanChange, isLive } from './ban.ts'
import { BanList } from './ban-list.ts'
import type {
  ApplyBan,
  BanOutbox,
  BanOutcome,
  BanRequest,
  BanSnapshot,
  BanSource,
  BanStore,
  BanWatcher,
  StoredChange,
  UnpublishedChange,
} from './ports.ts'

export interface MemoryBanStoreOptions {
  readonly maxEntries: number
}

export interface MemoryBanStoreDeps {
  readonly applyBan: ApplyBan
  /** By which bans begin and end, in milliseconds since the epoch. */
  readonly now: () => number
  /** Reads the initial list, for example the last published one. Called until it succeeds once. */
  readonly initial?: (() => Promise<readonly Ban[]>) | undefined
}

/** Upper bound on the changes kept for the outbox and for redelivered commands. The oldest are dropped. */
const MAX_CHANGES = 10_000

/**
 * Bans without a database: they last as long as the process. It implements the whole contract of the store, including the
 * outbox, so the rest of the bridge needs no special case.
 */
export class MemoryBanStore implements BanStore, BanOutbox {
  readonly awayWords = 'the published bans cannot be read'
  readonly #maxEntries: number
  readonly #deps: MemoryBanStoreDeps
  readonly #list: BanList
  readonly #changes = new Map<number, UnpublishedChange & { isPublished: boolean }>()
  readonly #byCause = new Map<string, BanChange>()
  #revision = 0
  #isInitialised = false

  constructor({ maxEntries }: MemoryBanStoreOptions, deps: MemoryBanStoreDeps) {
    this.#maxEntries = maxEntries
    this.#deps = deps
    this.#list = new BanList({ maxEntries })
  }

  async load(): Promise<BanSnapshot> {
    const bans = this.#isInitialised ? [] : await this.#deps.initial?.()
    this.#isInitialised = true
    for (const ban of bans ?? []) this.#list.add(ban)
    return { revision: this.#revision, bans: [...this.#list.values()], now: null }
  }

  async changesSince(revision: number): Promise<readonly StoredChange[] | undefined> {
    const missing = Array.from({ length: this.#revision - revision }, (_, index) => this.#changes.get(revision + 1 + index))
    return missing.every((change) => change !== undefined) ? missing : undefined
  }

  async change(request: BanRequest, { cause, quota }: BanSource): Promise<BanOutcome> {
    if (quota) throw new Error('a quota of bans needs the audit of a database')
    const earlier = this.#byCause.get(cause)
    if (earlier) return { change: earlier, isRepeated: true, changes: [] }
    const before = this.#revision
    const change = this.#apply(request, cause)
    this.#byCause.set(cause, change)
    return { change, isRepeated: false, changes: (await this.changesSince(before)) ?? [] }
  }

  async sweep(): Promise<number | null> {
    const now = this.#deps.now()
    for (const ban of [...this.#list.values()]) {
      if (isLive(ban, now)) continue
      this.#list.remove(ban.key)
      this.#record({ action: 'expire', key: ban.key, until: null, reason: TIME_OVER, changed: true })
    }
    return null
  }

  /** Nobody else changes the list, so there are no notifications. */
  watch(watcher: BanWatcher): () => Promise<void> {
    watcher.onWatching()
    return async () => {}
  }

  async pending(limit: number): Promise<UnpublishedChange[]> {
    return [...this.#changes.values()].filter((change) => !change.isPublished).slice(0, limit)
  }

  async markPublished(revisions: readonly number[]): Promise<void> {
    for (const revision of revisions) {
      const change = this.#changes.get(revision)
      if (change) change.isPublished = true
    }
  }

  #apply(request: BanRequest, cause: string): BanChange {
    const { action, key, until, reason } = request
    const state = {
      old: this.#list.get(key),
      entries: this.#list.size,
      maxEntries: this.#maxEntries,
      now: this.#deps.now(),
    }
    const { changed, ban, room } = this.#deps.applyBan(request, cause, state)
    for (const gone of this.#list.firstToGo(room)) {
      this.#list.remove(gone.key)
      this.#record({ action: 'remove', key: gone.key, until: null, reason: LIST_FULL, changed: true })
    }
    const removedKeys = action === 'clear' ? [...this.#list.values()].map((each) => each.key) : []
    if (ban) this.#list.add(ban)
    else if (action === 'clear') this.#list.clear()
    else if (action === 'remove') this.#list.remove(key)
    return this.#record({ action, key, until, reason, changed, cause }, ban, removedKeys)
  }

  #record(entry: Omit<BanChange, 'cause'> & { cause?: string }, ban: Ban | null = null, removedKeys: readonly string[] = []): BanChange {
    const revision = ++this.#revision
    const change: BanChange = { ...entry, cause: entry.cause ?? `${entry.action}:${revision}` }
    this.#changes.set(revision, { revision, change, ban, removedKeys, isPublished: false })
    const oldest = revision - MAX_CHANGES
    const forgotten = this.#changes.get(oldest)
    if (forgotten) this.#byCause.delete(forgotten.change.cause)
    this.#changes.delete(oldest)
    return change
  }
}
