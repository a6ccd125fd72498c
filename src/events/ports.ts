import type { KafkaRecord, OutgoingRecord } from '../kafka/record.ts'

/**
 * A flow from Kafka. It resolves when the effect is acknowledged, with a word for the outcome that the caller counts; the offset moves
 * only then. It throws BadInputError for a record that nobody can use (dead letter) and RetryLaterError for a record that has to wait
 * (its partition waits too).
 */
export type RecordHandler = (record: KafkaRecord) => Promise<string>

/** A hole in the event log: the offset that was expected next, and the offset at which reading continues. */
export interface EventLogGap {
  readonly requested: bigint
  readonly next: bigint
  readonly reason: 'expired' | 'topic-made-anew' | 'truncated' | 'undecodable'
}

export interface TailListener {
  /** The records of one answer in order, possibly none, and the offset after the answer. The tail waits for the promise. */
  onRecords(records: readonly KafkaRecord[], next: bigint): Promise<void>
  onGap(gap: EventLogGap): Promise<void>
}

/** Follows the event log's partition without a group. */
export interface EventLogTail {
  /** Resolves when it has begun to read. */
  start(from: bigint): Promise<void>
  /** The offset to read next. */
  position(): bigint
  /** True when the last answer reached the end and was requested a moment ago: the records of other writers are known. */
  isLive(): boolean
  stop(): Promise<void>
}

export type OpenTail = (listener: TailListener) => EventLogTail

/** Random reads of the event log's partition, over connections of their own: they do not wait for the tail's long poll. */
export interface EventLogReader {
  /** Records from the offset on, possibly fewer than exist, and the offset at which to continue. */
  read(from: bigint, options?: { maxBytes?: number }): Promise<{ records: readonly KafkaRecord[]; next: bigint }>
  /** The oldest offset, and the end. */
  bounds(): Promise<{ low: bigint; high: bigint }>
  /** The first offset at or after a time (ms since the epoch); the end when all records are older. */
  offsetAt(timeMs: number): Promise<bigint>
  stop(): Promise<void>
}

/** Writes one record to the event log; resolves when Kafka has acknowledged it. */
export type AppendRecord = (record: OutgoingRecord) => Promise<unknown>

/** A committed offset, with the fingerprint of the record before it. */
export interface CommittedPlace {
  readonly next: bigint
  readonly fingerprint: string
}

/** This process as a member of the consumer group that assigns the event log's partition. */
export interface Membership {
  /** Whether the group assigns the partition to this process. */
  isAssigned(): boolean
  /** When the last heartbeat that was answered was sent, by the steady clock; -Infinity before the first. */
  lastHeartbeatSentAt(): number
  readonly sessionTimeoutMs: number
  /** False while the group may have reassigned the partition unnoticed, as after a freeze. */
  isCurrent(): boolean
  /** Undefined when the group has no committed offset. */
  committed(): Promise<CommittedPlace | undefined>
  /** Rejects when the group has a newer generation: another member follows now. */
  commit(place: CommittedPlace): Promise<void>
  /** Calls the listener after each assignment, and when the membership ends; returns the undo. */
  onAssignment(listener: () => void): () => void
}

/** Counters of the event log. */
export interface EventLogMetrics {
  readonly records: { inc(labels: { flow: string; outcome: string }): void }
  readonly timestampsAhead: { inc(labels: { topic: string }): void }
  readonly writeSeconds: { observe(labels: { taken_over: '0' | '1' }, seconds: number, traceparent?: string): void }
  readonly pendingDropped: { inc(labels: { type: string }, count?: number): void }
}
