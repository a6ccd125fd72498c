import type { Logger } from 'pino'
import type { Clock } from './clock.ts'

/** A record's place and its timestamp. */
export interface Stamped {
  readonly topic: string
  readonly partition: number
  readonly offset: bigint
  readonly timestamp: number
}

export interface ClockWatchDeps {
  readonly log: Pick<Logger, 'warn'>
  readonly count: (topic: string) => void
  readonly clock: Pick<Clock, 'wall' | 'steady'>
}

/** If a timestamp is further ahead of our clock than this, one of the two clocks is wrong. */
const AHEAD_MS = 60_000
const WARN_EVERY_MS = 60_000

/**
 * Detects clocks that differ: the broker's in the event log, the producer's in an in-topic. A record whose timestamp is ahead of our
 * clock is counted, and logged at most once a minute. It is not refused, because the event log counts by the broker's time alone.
 * But the age of a notification and the end of a ban depend on it.
 */
export function createClockWatch({ log, count, clock }: ClockWatchDeps): (record: Stamped) => void {
  let loggedAt = Number.NEGATIVE_INFINITY
  let records = 0
  return ({ topic, partition, offset, timestamp }) => {
    const aheadMs = timestamp - clock.wall()
    if (aheadMs <= AHEAD_MS) return
    count(topic)
    records += 1
    const now = clock.steady()
    if (now - loggedAt < WARN_EVERY_MS) return
    const fields = { topic, partition, offset: offset.toString(), aheadSeconds: Math.round(aheadMs / 1000), records }
    log.warn(fields, 'a timestamp is ahead of our clock: one of the two clocks is wrong')
    loggedAt = now
    records = 0
  }
}
