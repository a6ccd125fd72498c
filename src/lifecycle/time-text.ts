const LAST_DATE_MS = 8.64e15

/** Milliseconds since the epoch as ISO 8601. Beyond the range of Date, which a stranger's record may exceed, the bare number. */
export function timeText(ms: number): string {
  return Math.abs(ms) <= LAST_DATE_MS ? new Date(ms).toISOString() : String(ms)
}
