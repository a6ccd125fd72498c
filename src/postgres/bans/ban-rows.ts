/** The rows of schemas/postgres as the rest of the bridge sees them: times in milliseconds, revisions as numbers. */
export interface BanEntry {
  readonly key: string
  readonly until: number | null
  readonly reason: string
  readonly since: number
  readonly cause: string
}

export type BanAction = 'add' | 'remove' | 'clear' | 'expire'

export interface BanChangeEntry {
  readonly revision: number
  readonly change: {
    readonly action: BanAction
    readonly key: string
    readonly until: number | null
    readonly reason: string
    readonly changed: boolean
    readonly cause: string
  }
  /** The entry that an `add` made; null for all else. */
  readonly ban: BanEntry | null
}

export interface BanRow {
  readonly key: string
  readonly until: Date | null
  readonly since: Date
  readonly reason: string
  readonly cause: string
}

export interface ChangeRow {
  /** int8 comes as text. */
  readonly revision: string
  readonly action: BanAction
  readonly key: string
  readonly until: Date | null
  readonly since: Date | null
  readonly reason: string
  readonly changed: boolean
  readonly source: string
}

/** The columns that toChangeEntry needs, for a SELECT from ban_changes. */
export const CHANGE_COLUMNS = 'revision, action, key, until, since, reason, changed, source'

export function toBanEntry({ key, until, since, reason, cause }: BanRow): BanEntry {
  return { key, until: until?.getTime() ?? null, since: since.getTime(), reason, cause }
}

export function toChangeEntry(row: ChangeRow): BanChangeEntry {
  const { action, key, reason, changed, source: cause } = row
  const until = row.until?.getTime() ?? null
  const ban = action === 'add' && row.since ? { key, until, reason, since: row.since.getTime(), cause } : null
  return { revision: Number(row.revision), change: { action, key, until, reason, changed, cause }, ban }
}
