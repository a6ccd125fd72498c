import type { KafkaRecord, OutgoingRecord } from '../kafka/record.ts'

/**
 * A flow from Kafka. It resolves when the effect stands, with a word for the outcome that the caller counts; only then does the
 * offset move. It throws BadInputError for a record that nobody can use (dead letter) and RetryLaterError for a record that has
 * to wait (its partition waits with it).
 */
export type RecordHandler = (record: KafkaRecord) => Promise<string>

/** A hole in the event log: the offset that was expected next, and the one at which it goes on. */
export interface EventLogGap {
  readonly requested: bigint
  readonly next: bigint
  readonly reason: 'expired' | 'topic-made-anew' | 'truncated' | 'undecodable'
}

export interface TailListener {
  /** The records of one answer in order, maybe none, and the offset behind the answer. The tail waits for the promise. */
  onRecords(records: readonly KafkaRecord[], next: bigint): Promise<void>
  onGap(gap: EventLogGap): Promise<void>
}

/** Follows the event log's partition without a group. */
export interface EventLogTail {
  /** Resolves when it reads. */
  start(from: bigint): Promise<void>
  /** The offset of the record that comes next. */
  position(): bigint
  /** Its last answer reached the end and was asked for a moment ago: what others have written is known. */
  isLive(): boolean
  stop(): Promise<void>
}

export type OpenTail = (listener: TailListener) => EventLogTail

/** Random reads of the event log's partition, over connections of their own: they do not wait behind the tail's long poll. */
export interface EventLogReader {
  /** Records from the offset on, maybe fewer than there are, and the offset to read on at. */
  read(from: bigint, options?: { maxBytes?: number }): Promise<{ records: readonly KafkaRecord[]; next: bigint }>
  /** The oldest offset, and the end. */
  bounds(): Promise<{ low: bigint; high: bigint }>
  /** The first offset at or after a time (ms since the epoch); the end when everything is older. */
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
  /** False while the group may have given the partition away unnoticed, as after a freeze. */
  isCurrent(): boolean
  /** Undefined when the group has committed nothing. */
  committed(): Promise<CommittedPlace | undefined>
  /** Rejects when the group has moved on: another member follows now. */
  commit(place: CommittedPlace): Promise<void>
  /** Calls the listener after each assignment, and when the membership ends; returns the undo. */
  onAssignment(listener: () => void): () => void
}

/** What the event log counts. */
export interface EventLogMetrics {
  readonly records: { inc(labels: { flow: string; outcome: string }): void }
  readonly timestampsAhead: { inc(labels: { topic: string }): void }
  readonly writeSeconds: { observe(labels: { taken_over: '0' | '1' }, seconds: number): void }
  readonly pendingDropped: { inc(labels: { type: string }, count?: number): void }
}
