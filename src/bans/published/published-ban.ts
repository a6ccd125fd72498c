import type { Ban } from '../ban.ts'

/** The header that carries the revision of the list with which an entry or tombstone was published. */
export const REVISION_HEADER = 'revision'
/** The header with the number of entries, on the marker only. */
const ENTRIES_HEADER = 'entries'
/** The key of the marker. It is not a valid ban key, so it cannot collide with one. */
export const MARKER_KEY = '#complete'

/** The marker confirms that the records before it in the topic are the whole list as of a revision. */
export interface Marker {
  readonly revision: number
  readonly entries: number
}

/**
 * The marker's record has the form of a ban that expired in 1970. So other readers of the topic can decode it by the schema, and
 * ban nobody for it.
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

/** Undefined for a record of an earlier release or of a bridge without a database. The order in the topic decides for those. */
export function revisionOf(headers: Readonly<Record<string, string>>): number | undefined {
  return numberIn(headers[REVISION_HEADER])
}

function numberIn(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined
}
