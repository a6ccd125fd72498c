import type { OutgoingRecord } from '../record.ts'

/** The size of a record in a request, accurate enough for bounds: key, value and headers, plus a little for lengths. */
export function sizeOf(record: OutgoingRecord): number {
  let size = 32 + (record.value?.length ?? 0) + (record.key === null ? 0 : Buffer.byteLength(record.key))
  for (const [name, value] of Object.entries(record.headers)) size += 4 + Buffer.byteLength(name) + Buffer.byteLength(value)
  return size
}
