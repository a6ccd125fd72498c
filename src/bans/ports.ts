import type { Ban, BanChange } from './ban.ts'

/** A command that is fit to be stored: key canonical, expiry absolute. */
export interface BanRequest {
  readonly action: 'add' | 'remove' | 'clear'
  readonly key: string
  readonly until: number | null
  readonly reason: string
}

/** A change as stored: revisions of one list count up by one, in the order in which the changes took effect. */
export interface StoredChange {
  readonly revision: number
  readonly change: BanChange
  /** The entry that an `add` wrote; null for all else. */
  readonly ban: Ban | null
}

/** A change that has not been published yet. */
export interface UnpublishedChange extends StoredChange {
  /** What a `clear` removed. */
  readonly removedKeys: readonly string[]
}

export interface BanSnapshot {
  readonly revision: number
  readonly bans: readonly Ban[]
  /** The store's time, by which bans begin and end, in milliseconds since the epoch. */
  readonly now: number
}

export interface BanOutcome {
  readonly change: BanChange
  /** The same cause was stored before: this is what it did then. */
  readonly isRepeated: boolean
  /** What is new in the list, the requested change last; empty for a repeated one. */
  readonly changes: readonly StoredChange[]
}

export interface BanSource {
  /** Unique per command: see command-cause.ts. A second change with the same cause changes nothing. */
  readonly cause: string
  /** Why, for those who look into the audit; kept as JSON. */
  readonly evidence?: Readonly<Record<string, unknown>> | null
}

export interface BanWatcher {
  /** The list has changed, here or elsewhere. */
  onNews(): void
  /** From now on news is heard; what happened before is to be read. */
  onWatching(): void
  onLost(error: Error): void
}

/** Where the list of one bridge lasts. Its time is the only one that begins and ends bans. All methods reject within a deadline while it is away. */
export interface BanStore {
  /** How a message begins while it cannot be read. */
  readonly awayWords: string
  load(): Promise<BanSnapshot>
  /** Undefined when the history does not reach back so far: load again. */
  changesSince(revision: number): Promise<readonly StoredChange[] | undefined>
  /** Durable when it resolves. Rejects with an error whose `isPermanent` is true when no repetition can help. */
  change(request: BanRequest, source: BanSource): Promise<BanOutcome>
  /** Removes what is over, and forgets what nobody needs any more. Resolves with the store's time. */
  sweep(): Promise<number>
  watch(watcher: BanWatcher): () => Promise<void>
}

/** The changes of one list that have not been published yet. */
export interface BanOutbox {
  /** Oldest first. */
  pending(limit: number): Promise<readonly UnpublishedChange[]>
  markPublished(revisions: readonly number[]): Promise<void>
}

/** How a list stands, all of it at one moment. */
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

/** What the list is before a change. */
export interface ListState {
  /** The entry of the request's key. */
  readonly old: Ban | undefined
  readonly entries: number
  readonly maxEntries: number
  /** The store's time. */
  readonly now: number
}

/** What a request does to a list. */
export interface BanDecision {
  readonly changed: boolean
  /** The entry to be written; null when none is. */
  readonly ban: Ban | null
  /** How many entries have to make room first: those that end first, then those that began first, then by key. */
  readonly room: number
}

/** See apply-ban.ts. Stores get it injected, since an edge imports nothing but types of the domain. */
export type ApplyBan = (request: BanRequest, cause: string, state: ListState) => BanDecision
