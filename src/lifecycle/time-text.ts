const LAST_DATE_MS = 8.64e15

/** Milliseconds since the epoch as ISO 8601. Beyond the range of Date, which a stranger's record may exceed, the bare number. */
export function timeText(ms: number): string {
  return Math.abs(ms) <= LAST_DATE_MS ? new Date(ms).toISOString() : String(ms)
}

const DATE_OR_TIME = /^(\d{4})-(\d{2})-(\d{2})(?:[Tt ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:[Zz]|[+-]\d{2}:\d{2}))?$/

/**
 * Milliseconds since the epoch of a date (its first moment in UTC), or of a time with its zone as in RFC 3339. Undefined for everything
 * else: a time without a zone means another moment on each machine, and `Date.parse` takes 31 February for 3 March.
 */
export function timeOfText(text: string): number | undefined {
  const [, year, month, day] = DATE_OR_TIME.exec(text) ?? []
  // Another form goes to V8's older parser, which takes a zone of +24:00.
  const time = Date.parse(text.toUpperCase().replace(' ', 'T'))
  const daysInMonth = new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate()
  return Number.isNaN(time) || !(Number(day) <= daysInMonth) ? undefined : time
}
