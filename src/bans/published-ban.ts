import type { Ban } from './ban.ts'

/** The header that carries the revision of the list with which an entry or tombstone was published. */
export const REVISION_HEADER = 'revision'
/** The header with the number of entries, on the marker only. */
const ENTRIES_HEADER = 'entries'
/** The key of the marker. It is no ban key, so it can never meet one. */
export const MARKER_KEY = '#complete'

/** The marker says: what stands before it in the topic is the whole list as of a revision. */
export interface Marker {
  readonly revision: number
  readonly entries: number
}

/**
 * The marker's record has the form of a ban that was over in 1970, so that whoever reads the topic by its schema can read it, and bans
 * nobody for it.
 */
export function markerBan(): Ban {
  return { key: MARKER_KEY, until: 0, reason: 'the topic holds the whole list as of the revision in the headers', since: 0, cause: '' }
}

export function markerHeaders({ revision, entries }: Marker): Record<string, string> {
  return { [REVISION_HEADER]: String(revision), [ENTRIES_HEADER]: String(entries) }
}

export function toMarker(headers: Readonly<Record<string, string>>): Marker | undefined {
  const revision = revisionOf(headers)
  const entries = numberIn(headers[ENTRIES_HEADER])
  return revision === undefined || entries === undefined ? undefined : { revision, entries }
}

/** Undefined for a record of an earlier release, or of a bridge without a database: for those the order in the topic decides. */
export function revisionOf(headers: Readonly<Record<string, string>>): number | undefined {
  return numberIn(headers[REVISION_HEADER])
}

function numberIn(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined
}
