/** A record with a timestamp: where it stands, and when it says that it was written. */
export interface Stamped {
  readonly topic: string
  readonly partition: number
  readonly offset: bigint
  readonly timestamp: number
}

export interface ClockWatchOptions {
  /** A timestamp that is further ahead of our clock than this means that one of the two clocks is wrong. */
  readonly aheadMs?: number
  readonly warnEachMs?: number
}

export interface ClockWatchDeps {
  /** Called for each record whose timestamp is too far ahead. */
  readonly count: (topic: string) => void
  /** Called for the first such record, and then once in `warnEachMs`. `records` counts them since the last call. */
  readonly warn: (found: { record: Stamped; aheadMs: number; records: number }) => void
  readonly now: () => number
}

const AHEAD_MS = 60_000
const WARN_EACH_MS = 60_000

/**
 * Notices clocks that differ: the broker's in the event log, the producer's in an in-topic. Nothing is refused for it, because
 * the event log counts by the broker's time alone. But the age of a notification and the end of a ban depend on it.
 */
export function clockWatch(options: ClockWatchOptions, { count, warn, now }: ClockWatchDeps): (record: Stamped) => void {
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
    if (sinceMs >= 0 && sinceMs < warnEachMs) return // below 0: our own clock was set back
    warn({ record, aheadMs, records })
    warnedAt = time
    records = 0
  }
}
