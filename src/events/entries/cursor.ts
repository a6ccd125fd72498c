/** A place in the log as clients keep it: an offset, with proof that it is the same log. */
export interface Cursor {
  readonly offset: bigint
  /** The first 8 characters of the id of the event at that offset. */
  readonly proof: string
}

const CURSOR = /^v1\.(0|[1-9]\d{0,18})\.([0-9a-f]{8})$/
const MAX_OFFSET = 2n ** 63n - 1n

/** The cursor of an event: `v1.<offset>.<8 hex>`. */
export function formatCursor(offset: bigint, eventId: string): string {
  return `v1.${offset}.${eventId.slice(0, 8)}`
}

/** Undefined for a text that no bridge has given out. */
export function parseCursor(text: string): Cursor | undefined {
  const [, digits, proof] = CURSOR.exec(text) ?? []
  if (digits === undefined || proof === undefined) return undefined
  const offset = BigInt(digits)
  return offset > MAX_OFFSET ? undefined : { offset, proof }
}

/** True when the event stands where the cursor says, so that the log is the one that the cursor was taken from. */
export function isCursorOf({ proof }: Cursor, eventId: string): boolean {
  return eventId.startsWith(proof)
}
