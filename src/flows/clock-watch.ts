import type { KafkaRecord } from '../kafka/record.ts'

export interface ClockWatchOptions {
  /** A timestamp further ahead of the own clock than this means that one of the two clocks is wrong. */
  readonly aheadMs?: number
  readonly warnEachMs?: number
}

export interface ClockWatchDeps {
  /** Hears of each record whose timestamp is too far ahead. */
  readonly count: (topic: string) => void
  /** Hears of the first such record, and then once in a while. `records` is how many there were since the last time. */
  readonly warn: (found: { record: KafkaRecord; aheadMs: number; records: number }) => void
  readonly now: () => number
}

const AHEAD_MS = 60_000
const WARN_EACH_MS = 60_000

/**
 * Notices clocks that are apart: the broker's in the log, the producer's in an in-topic. Nothing is refused for it, because the
 * log counts by the broker's time alone; but the age of what is published, and when a ban ends, do depend on it.
 */
export function clockWatch(options: ClockWatchOptions, { count, warn, now }: ClockWatchDeps): (record: KafkaRecord) => void {
  const { aheadMs: limitMs = AHEAD_MS, warnEachMs = WARN_EACH_MS } = options
  let warnedAt = Number.NEGATIVE_INFINITY
  let records = 0
  return (record) => {
    const time = now()
    const aheadMs = record.timestamp - time
    if (aheadMs <= limitMs) return
    count(record.topic)
    records += 1
    const sinceMs = time - warnedAt
    if (sinceMs >= 0 && sinceMs < warnEachMs) return // below 0 our own clock was set back
    warn({ record, aheadMs, records })
    warnedAt = time
    records = 0
  }
}
