import type { Logger } from 'pino'
import type { Clock } from '../../lifecycle/clock.ts'
import type { PartHealth } from '../../lifecycle/health.ts'
import { sleep, withDeadline } from '../../lifecycle/time.ts'
import type { KafkaMetrics } from '../../telemetry/kafka-metrics.ts'
import type { KafkaConnection } from '../client/connection.ts'
import type { KafkaRecord } from '../record.ts'
import { AssignedPartitions } from './assigned-partitions.ts'
import { GroupHealth } from './group-health.ts'
import { GroupMember } from './membership/group-member.ts'
import { type CommitPoint, CommitRefusedError, type CommittedOffset, GroupOffsets, type Membership } from './membership/group-offsets.ts'
import type { Assignment } from './membership/group-session.ts'
import { OffsetCommitter } from './membership/offset-committer.ts'
import { GroupReading } from './reading/group-reading.ts'

export interface GroupConsumerOptions {
  readonly groupId: string
  readonly topics: readonly string[]
  /** Assigned but never read here: the group only decides which instance is responsible for their partitions. */
  readonly ownedTopics?: readonly string[]
  /** In these topics each record waits until the previous one is done. */
  readonly serialTopics?: readonly string[]
  readonly sessionTimeoutMs: number
  /** Concurrent handlers for one partition; they are called in offset order. */
  readonly maxInFlight: number
  readonly commitIntervalMs?: number
  /** How far apart reads of a broker begin under load; 4 ms by default. */
  readonly pollsApartMs?: number | undefined
}

export interface GroupConsumerDeps {
  readonly kafka: KafkaConnection
  readonly log: Logger
  readonly metrics: KafkaMetrics
  readonly health: PartHealth
  /** Resolves when the record has had its effect: only then may its offset be committed. */
  readonly handle: (record: KafkaRecord) => Promise<void>
  /** Whether the record may succeed later: then its partition waits. */
  readonly isTransient: (error: unknown) => boolean
  /** Takes a record that can never be handled. While it rejects, the partition waits. */
  readonly deadLetter: (record: KafkaRecord, error: unknown) => Promise<void>
  readonly onAssignment?: (assigned: Assignment) => void
  /** True while nothing flows: heartbeats are rarer then, and a rebalance is noticed up to a second later. Never by default. */
  readonly isQuiet?: (() => boolean) | undefined
  readonly clock: Pick<Clock, 'steady'>
}

/** A member of a consumer group. No record in its topics can stop it, and it rejoins after any failure of Kafka. */
export interface GroupConsumer {
  /** Starts to join and returns; the health reports success or the obstacle. */
  start(): Promise<void>
  /** Commits the offsets of finished records and leaves the group, so that others take over at once. Returns within seconds. */
  stop(): Promise<void>
  /** The assigned partitions, `ownedTopics` included. Empty while this is not a member. */
  assigned(): Assignment
  /** When the last heartbeat that was answered was sent, by the steady clock; -Infinity before the first. */
  lastHeartbeatSentAt(): number
  readonly sessionTimeoutMs: number
  /** False while the group may have reassigned the partitions unnoticed, as after a freeze. */
  isCurrent(): boolean
  /** Commits an offset of one of the `ownedTopics`. Rejects with CommitRefusedError when the group has a newer generation. */
  commit(point: CommitPoint): Promise<void>
  /** The committed offset; undefined without one. */
  committed(topic: string, partition: number): Promise<CommittedOffset | undefined>
}

const DRAIN_MS = 1500
const LAST_COMMIT_MS = 1000
/** Enough to find a coordinator again after it moved. */
const COMMIT_RETRY_MS = 3000
const TRY_AGAIN_MS = 100

export function createGroupConsumer(options: GroupConsumerOptions, deps: GroupConsumerDeps): GroupConsumer {
  return new ReadingMember(options, deps)
}

/** Reads, handles and commits the assigned partitions. */
class ReadingMember implements GroupConsumer {
  readonly sessionTimeoutMs: number
  readonly #options: GroupConsumerOptions
  readonly #deps: GroupConsumerDeps
  readonly #clock: Pick<Clock, 'steady'>
  readonly #stopping = new AbortController()
  readonly #member: GroupMember
  readonly #offsets: GroupOffsets
  readonly #reading: GroupReading
  readonly #partitions: AssignedPartitions
  readonly #committer: OffsetCommitter
  #assigned: Assignment = new Map()

  constructor(options: GroupConsumerOptions, deps: GroupConsumerDeps) {
    const { groupId, topics, ownedTopics = [], sessionTimeoutMs, commitIntervalMs = 100 } = options
    this.#options = options
    this.#deps = deps
    this.#clock = deps.clock
    this.sessionTimeoutMs = sessionTimeoutMs
    const health = new GroupHealth(deps.health)
    this.#member = this.#createMember(health)
    this.#offsets = new GroupOffsets({ groupId }, deps)
    this.#reading = new GroupReading(
      { ...options, topics },
      { ...deps, clock: this.#clock, health, mayStart: () => this.isCurrent(), onDone: () => this.#committer.schedule() },
    )
    this.#partitions = new AssignedPartitions(
      { ownedTopics },
      {
        committed: (partitions) => this.#offsets.committed(partitions),
        open: (place, from, predecessor) => this.#reading.open(place, from, predecessor),
        onClosed: (partition) => this.#reading.closed(partition),
      },
    )
    this.#committer = new OffsetCommitter(
      { intervalMs: commitIntervalMs },
      {
        collect: () => this.#partitions.committable(),
        commit: async (request) => {
          await this.#offsets.commit(request.membership, request.points)
          this.#partitions.committed(request)
        },
        onError: (error) => deps.log.debug({ err: error, group: groupId }, 'offsets not committed yet'),
      },
    )
  }

  async start(): Promise<void> {
    this.#member.start()
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#member.stop()
    this.#partitions.abandon()
    this.#committer.stop()
    await Promise.all([this.#reading.close(), this.#offsets.close()])
  }

  assigned(): Assignment {
    return this.#assigned
  }

  lastHeartbeatSentAt(): number {
    return this.#member.lastHeartbeatSentAt()
  }

  isCurrent(): boolean {
    return this.#member.isCurrent()
  }

  async commit(point: CommitPoint): Promise<void> {
    const { topic, partition } = point
    const until = this.#clock.steady() + COMMIT_RETRY_MS
    for (;;) {
      const membership = this.#member.membership()
      if (!membership || !this.#assigned.get(topic)?.includes(partition)) {
        throw new CommitRefusedError(`group ${this.#options.groupId} does not assign ${topic}:${partition} to this member`)
      }
      try {
        await this.#offsets.commit(membership, [point])
        return
      } catch (error) {
        if (error instanceof CommitRefusedError || this.#clock.steady() > until) throw error
        await sleep(TRY_AGAIN_MS, this.#stopping.signal)
      }
    }
  }

  async committed(topic: string, partition: number): Promise<CommittedOffset | undefined> {
    const found = await this.#offsets.committed([{ topic, partition }])
    return found.get(`${topic}:${partition}`)
  }

  #createMember(health: GroupHealth): GroupMember {
    const { topics, ownedTopics = [] } = this.#options
    return new GroupMember(
      { ...this.#options, topics: [...topics, ...ownedTopics] },
      {
        ...this.#deps,
        clock: this.#clock,
        health,
        onJoined: (assigned, membership) => {
          void this.#takeOver(assigned, membership)
          this.#assign(assigned)
        },
        onLeft: () => {
          this.#partitions.detach()
          this.#assign(new Map())
        },
        // The member rejoins in a moment. Until then the coordinator still accepts commits.
        onRebalance: () => void this.#committer.flush(),
        onConfirmed: () => this.#partitions.pump(),
        beforeLeaving: async () => {
          await withDeadline(this.#partitions.drain(), DRAIN_MS, 'waiting for handlers').catch(() => {})
          await withDeadline(this.#committer.flush(), LAST_COMMIT_MS, 'the last commit').catch(() => {})
        },
      },
    )
  }

  /** Retries until the offsets are known or the next generation begins. */
  async #takeOver(assigned: Assignment, membership: Membership): Promise<void> {
    const { signal } = this.#stopping
    do {
      try {
        await this.#partitions.assign(assigned, membership)
        return
      } catch (error) {
        this.#deps.log.debug({ err: error, group: this.#options.groupId }, 'committed offsets not known yet')
        await sleep(TRY_AGAIN_MS, signal)
      }
    } while (this.#member.membership() === membership && !signal.aborted)
  }

  #assign(assigned: Assignment): void {
    if (assigned.size === 0 && this.#assigned.size === 0) return
    this.#assigned = assigned
    try {
      this.#deps.onAssignment?.(assigned)
    } catch (error) {
      this.#deps.log.error({ err: error, group: this.#options.groupId }, 'the listener for assignments failed')
    }
  }
}
