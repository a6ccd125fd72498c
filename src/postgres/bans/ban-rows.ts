import type { Ban, BanChange } from '../../bans/ban.ts'
import type { StoredChange } from '../../bans/ports.ts'

/** The rows of schemas/postgres as the driver returns them. */
export interface BanRow {
  readonly key: string
  readonly until: Date | null
  readonly since: Date
  readonly reason: string
  readonly cause: string
}

export interface ChangeRow {
  /** The driver returns int8 as text. */
  readonly revision: string
  readonly action: BanChange['action']
  readonly key: string
  readonly until: Date | null
  readonly since: Date | null
  readonly reason: string
  readonly changed: boolean
  readonly source: string
}

/** The columns that toStoredChange needs, for a SELECT from ban_changes. */
export const CHANGE_COLUMNS = 'revision, action, key, until, since, reason, changed, source'

export function toBan({ key, until, since, reason, cause }: BanRow): Ban {
  return { key, until: until?.getTime() ?? null, since: since.getTime(), reason, cause }
}

export function toStoredChange(row: ChangeRow): StoredChange {
  const { action, key, reason, changed, source: cause } = row
  const until = row.until?.getTime() ?? null
  const ban = action === 'add' && changed && row.since ? { key, until, reason, since: row.since.getTime(), cause } : null
  return { revision: Number(row.revision), change: { action, key, until, reason, changed, cause }, ban }
}
