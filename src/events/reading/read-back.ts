import type { EventLogReader } from '../ports.ts'

/** The offset at which reading of the event log begins, and the end at that moment: records before the end are not new. */
export interface ReadBack {
  readonly from: bigint
  readonly end: bigint
}

/** The last records may be control markers, aborted, or stamped by their producer. The search goes back at most this many offsets. */
const FURTHEST_BACK = 65_536n
const READ_BYTES = 128 * 1024

/**
 * One window of event log time before the end, so that the ids already seen are known. The broker's time counts, because the records
 * carry it. An event log without a broker's time in its last offsets is read back completely: it is short, or not ours.
 */
export async function findReadBack(reader: EventLogReader, windowMs: number): Promise<ReadBack> {
  const { low, high } = await reader.bounds()
  if (high <= low) return { from: high, end: high }
  for (let back = 1n; ; back *= 8n) {
    const from = high - back > low ? high - back : low
    const time = await lastBrokerTime(reader, from, high)
    if (time !== undefined) return { from: await reader.offsetAt(time - windowMs), end: high }
    if (from === low || back >= FURTHEST_BACK) return { from: low, end: high }
  }
}

/** The broker's time of the last record between two offsets that has one. */
async function lastBrokerTime(reader: EventLogReader, from: bigint, to: bigint): Promise<number | undefined> {
  let time: number | undefined
  for (let at = from; at < to; ) {
    const { records, next } = await reader.read(at, { maxBytes: READ_BYTES })
    for (const { timestamp, isProducerTime } of records) if (!isProducerTime) time = timestamp
    if (next <= at) break
    at = next
  }
  return time
}
