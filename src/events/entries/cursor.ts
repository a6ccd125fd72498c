/** A place in the event log as clients store it: an offset and the fingerprint of the event there. */
export interface Cursor {
  readonly offset: bigint
  /** The first 8 characters of the id of the event at that offset. */
  readonly fingerprint: string
}

const CURSOR = /^v1\.(0|[1-9]\d{0,18})\.([0-9a-f]{8})$/
const MAX_OFFSET = 2n ** 63n - 1n

/** The cursor of an event: `v1.<offset>.<8 hex>`. */
export function formatCursor(offset: bigint, eventId: string): string {
  return `v1.${offset}.${eventId.slice(0, 8)}`
}

/** Undefined when the text is not a cursor. */
export function parseCursor(text: string): Cursor | undefined {
  const [, digits, fingerprint] = CURSOR.exec(text) ?? []
  if (digits === undefined || fingerprint === undefined) return undefined
  const offset = BigInt(digits)
  return offset > MAX_OFFSET ? undefined : { offset, fingerprint }
}
