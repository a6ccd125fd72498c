const LAST_DATE_MS = 8.64e15

/** Milliseconds since the epoch as ISO 8601; as the bare number where calendars end, because a stranger's record may carry any. */
export function timeText(ms: number): string {
  return Math.abs(ms) <= LAST_DATE_MS ? new Date(ms).toISOString() : String(ms)
}
