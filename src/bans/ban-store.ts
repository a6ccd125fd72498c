import type { Ban, BanChange } from './ban.ts'
import type { BanRequest } from './ban-command.ts'

/** A change as stored: revisions of one list count up by one, in the order in which the changes took effect. */
export interface StoredChange {
  readonly revision: number
  readonly change: BanChange
  /** The entry that an `add` made; null for all else. */
  readonly ban: Ban | null
}

export interface BanSnapshot {
  readonly revision: number
  readonly bans: readonly Ban[]
}

export interface BanOutcome {
  readonly change: BanChange
  /** The same cause was stored before: this is what it did then. */
  readonly isRepeated: boolean
  /** What is new in the list, the requested change last; empty for a repeated one. */
  readonly changes: readonly StoredChange[]
}

export interface BanSource {
  /** Unique per command: `topic:partition:offset`. A second change with the same cause changes nothing. */
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

/** Where the list of one bridge lasts. All methods reject within a deadline while the store is away. */
export interface BanStore {
  load(): Promise<BanSnapshot>
  /** Undefined when the history does not reach back so far: load again. */
  changesSince(revision: number): Promise<readonly StoredChange[] | undefined>
  /** Durable when it resolves. Rejects with an error whose `isPermanent` is true when no repetition can help. */
  change(request: BanRequest, source: BanSource, now: number): Promise<BanOutcome>
  /** Removes what is over, and forgets what nobody needs any more. */
  sweep(now: number): Promise<void>
  watch(watcher: BanWatcher): () => Promise<void>
}
