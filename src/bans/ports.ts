import type { Ban, BanChange } from './ban.ts'

/** A command ready to be stored: the key is canonical, the expiry absolute. */
export interface BanRequest {
  readonly action: 'add' | 'remove' | 'clear'
  readonly key: string
  readonly until: number | null
  readonly reason: string
}

/** A stored change. Revisions of a list increase by one, in the order in which the changes took effect. */
export interface StoredChange {
  readonly revision: number
  readonly change: BanChange
  /** The entry that an `add` wrote. Null for all other actions. */
  readonly ban: Ban | null
}

/** A change that has not been published yet. */
export interface UnpublishedChange extends StoredChange {
  /** The keys that a `clear` removed. */
  readonly removedKeys: readonly string[]
}

export interface BanSnapshot {
  readonly revision: number
  readonly bans: readonly Ban[]
  /** The store's time, by which bans begin and end, in milliseconds since the epoch. Null: it has no clock of its own. */
  readonly now: number | null
}

export interface BanOutcome {
  readonly change: BanChange
  /** True if the quota of the source did not allow the change, which then left nothing behind: neither a ban nor an audit line. */
  readonly isOverQuota?: boolean
  /** True if the same cause was stored before. `change` is then its first outcome. */
  readonly isRepeated: boolean
  /** The new changes of the list, the requested one last. Empty for a repeated command. */
  readonly changes: readonly StoredChange[]
}

/**
 * A bound on the bans of one door. The store checks it in the transaction of the change, after all earlier changes, so that instances
 * which decide at the same moment keep it together.
 */
export interface BanQuota {
  /** As in the evidence of a change: see ban-origin.ts. */
  readonly door: string
  readonly windowMs: number
  /** Whether one more ban is allowed, after this door has banned these keys within the window. */
  readonly allows: (keys: readonly string[]) => boolean
}

export interface BanSource {
  /** Only with a database, whose audit knows the doors. */
  readonly quota?: BanQuota | undefined
  /** Unique per command: see command-cause.ts. A second change with the same cause changes nothing. */
  readonly cause: string
  /** Background for readers of the audit, stored as JSON. */
  readonly evidence?: Readonly<Record<string, unknown>> | null
}

export interface BanWatcher {
  /** The list has changed, here or elsewhere. */
  onNews(): void
  /** Notifications arrive from now on. Earlier changes have to be read. */
  onWatching(): void
  onLost(error: Error): void
}

/** Durable storage of a bridge's list. Bans begin and end by its clock only. All methods reject within a deadline while it is away. */
export interface BanStore {
  /** The beginning of messages while the store cannot be read. */
  readonly awayWords: string
  /** Rejects with an error whose `isFatal` is true if this store can never be used as it is set up. */
  load(): Promise<BanSnapshot>
  /** Undefined if the history does not reach back that far: load again. */
  changesSince(revision: number): Promise<readonly StoredChange[] | undefined>
  /** Durable when it resolves. Rejects with an error whose `isPermanent` is true if retrying cannot help. */
  change(request: BanRequest, source: BanSource): Promise<BanOutcome>
  /** Removes expired bans and old history. Resolves with the store's time, null if it has no clock of its own. */
  sweep(): Promise<number | null>
  watch(watcher: BanWatcher): () => Promise<void>
  /** What an operator should know while the store works, if anything. */
  remark?(): string | undefined
}

/** The changes of one list that have not been published yet. */
export interface BanOutbox {
  /** Oldest first. */
  pending(limit: number): Promise<readonly UnpublishedChange[]>
  markPublished(revisions: readonly number[]): Promise<void>
}

/** A consistent summary of a list. */
export interface ListStanding {
  readonly revision: number
  readonly entries: number
  /** Changes that have not been published yet. */
  readonly unpublished: number
}

/** The outbox of a list that all instances share. */
export interface SharedOutbox extends BanOutbox {
  standing(): Promise<ListStanding>
  /** Raises the list's revision to at least this one. */
  raiseRevision(revision: number): Promise<void>
}

/** Reads the evidence of changes from the audit, by their causes. What has none is left out. Rejects while the store is away. */
export type ReadBanEvidence = (causes: readonly string[]) => Promise<ReadonlyMap<string, Readonly<Record<string, unknown>>>>

/** The list before a change. */
export interface ListState {
  /** The entry of the request's key. */
  readonly old: Ban | undefined
  readonly entries: number
  readonly maxEntries: number
  /** The store's time. */
  readonly now: number
}

/** The effect of a request on a list. */
export interface BanDecision {
  readonly changed: boolean
  /** The entry to write, or null. */
  readonly ban: Ban | null
  /** How many entries to evict first, ordered by end, then by `since`, then by key. */
  readonly room: number
}

/** See apply-ban.ts. It is injected into the stores, because an edge imports only types of the domain. */
export type ApplyBan = (request: BanRequest, cause: string, state: ListState) => BanDecision
