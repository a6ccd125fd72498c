import type { OutgoingRecord } from '../record.ts'

/**
 * The size of a record in a request, accurate enough for bounds: key, value and headers, plus a little for lengths. Header texts count
 * their characters rather than their bytes, which nearly all are one and which would be fourteen calls out of JavaScript for a record.
 */
export function sizeOf(record: OutgoingRecord): number {
  let size = 32 + (record.value?.length ?? 0) + (record.key === null ? 0 : Buffer.byteLength(record.key))
  for (const name in record.headers) size += 4 + name.length + (record.headers[name]?.length ?? 0)
  return size
}
