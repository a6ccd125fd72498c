import { createHash, randomFillSync } from 'node:crypto'

const SPAN_ID_BYTES = 8
const pool = Buffer.alloc(SPAN_ID_BYTES * 256)
const TRACE_ID = /^(?!0{32})[0-9a-f]{32}$/
/** The last 14 hex characters of a trace id are its random part, by which samplers decide. */
const RANDOM_AT = 18
const RANDOM_VALUES = 2 ** 56

/** Random span ids, drawn from the system in groups. */
export function createSpanIds(): () => string {
  const bytes = Buffer.from(pool)
  let at = bytes.length
  return () => {
    if (at === bytes.length) {
      randomFillSync(bytes)
      at = 0
    }
    at += SPAN_ID_BYTES
    return bytes.toString('hex', at - SPAN_ID_BYTES, at)
  }
}

/** A trace id that each instance derives alike. An event id has the form of one, and becomes its own. */
export function traceIdOf(text: string): string {
  return TRACE_ID.test(text) ? text : createHash('sha256').update(text).digest('hex').slice(0, 32)
}

/** Whether a trace that begins here is recorded: the same answer on each instance, for a share `ratio` of all traces. */
export function isSampled(traceId: string, ratio: number): boolean {
  return Number.parseInt(traceId.slice(RANDOM_AT), 16) >= (1 - ratio) * RANDOM_VALUES
}
