import { type Ban, type BanChange, isLive } from './ban.ts'
import type { BanRequest } from './ban-command.ts'
import { BanList } from './ban-list.ts'
import type { BanOutcome, BanSnapshot, BanSource, BanStore, BanWatcher, StoredChange } from './ban-store.ts'

export interface MemoryBanStoreOptions {
  readonly maxEntries: number
}

export interface MemoryBanStoreDeps {
  /** The list to begin with, for example as it was last published; asked until it answers once. */
  readonly initial?: (() => Promise<readonly Ban[]>) | undefined
}

/** A change that has not been published yet. */
export interface UnpublishedChange extends StoredChange {
  /** What a `clear` removed. */
  readonly removedKeys: readonly string[]
}

/** Changes that are kept for the outbox and for redelivered commands; beyond it the oldest are forgotten. */
const MAX_CHANGES = 10_000

/**
 * Bans without a database: they work, and they last as long as the process. It keeps the contract of the store as far as
 * one process can, the outbox included, so that the rest of the bridge knows no difference.
 */
export class MemoryBanStore implements BanStore {
  readonly #list: BanList
  readonly #changes = new Map<number, UnpublishedChange & { isPublished: boolean }>()
  readonly #byCause = new Map<string, BanChange>()
  #revision = 0
  #initial: (() => Promise<readonly Ban[]>) | undefined

  constructor(options: MemoryBanStoreOptions, { initial }: MemoryBanStoreDeps = {}) {
    this.#list = new BanList(options)
    this.#initial = initial
  }

  async load(): Promise<BanSnapshot> {
    const bans = await this.#initial?.()
    this.#initial = undefined
    for (const ban of bans ?? []) this.#list.add(ban)
    return { revision: this.#revision, bans: [...this.#list.values()] }
  }

  async changesSince(revision: number): Promise<readonly StoredChange[] | undefined> {
    const missing = Array.from({ length: this.#revision - revision }, (_, index) => this.#changes.get(revision + 1 + index))
    return missing.every((change) => change !== undefined) ? missing : undefined
  }

  async change(request: BanRequest, { cause }: BanSource, now: number): Promise<BanOutcome> {
    const earlier = this.#byCause.get(cause)
    if (earlier) return { change: earlier, isRepeated: true, changes: [] }
    const before = this.#revision
    const change = request.action === 'add' ? this.#add(request, cause, now) : this.#remove(request, cause)
    this.#byCause.set(cause, change)
    return { change, isRepeated: false, changes: (await this.changesSince(before)) ?? [] }
  }

  async sweep(now: number): Promise<void> {
    for (const ban of [...this.#list.values()]) {
      if (isLive(ban, now)) continue
      this.#list.remove(ban.key)
      this.#record({ action: 'expire', key: ban.key, until: null, reason: 'its time is over', changed: true })
    }
  }

  /** Nobody else changes the list, so there is never any news. */
  watch(watcher: BanWatcher): () => Promise<void> {
    watcher.onWatching()
    return async () => {}
  }

  /** The outbox, oldest first. */
  async pending(limit: number): Promise<UnpublishedChange[]> {
    return [...this.#changes.values()].filter((change) => !change.isPublished).slice(0, limit)
  }

  async markPublished(revisions: readonly number[]): Promise<void> {
    for (const revision of revisions) {
      const change = this.#changes.get(revision)
      if (change) change.isPublished = true
    }
  }

  #add({ key, until, reason }: BanRequest, cause: string, now: number): BanChange {
    const old = this.#list.get(key)
    const live = old && isLive(old, now) ? old : undefined
    const changed = isLive({ until }, now) && !(live && live.until === until && live.reason === reason)
    const ban: Ban = { key, until, reason, since: live?.since ?? now, cause }
    const evicted = changed ? this.#list.add(ban) : undefined
    if (evicted) {
      const full = 'the list is full: the oldest expiry makes room'
      this.#record({ action: 'remove', key: evicted.key, until: null, reason: full, changed: true })
    }
    return this.#record({ action: 'add', key, until, reason, changed, cause }, changed ? ban : null)
  }

  #remove({ action, key, reason }: BanRequest, cause: string): BanChange {
    const isClear = action === 'clear'
    const removed = isClear ? [...this.#list.values()].map((ban) => ban.key) : this.#list.remove(key) ? [key] : []
    if (isClear) this.#list.clear()
    return this.#record({ action, key, until: null, reason, changed: removed.length > 0, cause }, null, isClear ? removed : [])
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
