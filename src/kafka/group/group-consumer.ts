import type { Logger } from 'pino'
import { type Clock, SYSTEM_CLOCK } from '../../lifecycle/clock.ts'
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
  /** Assigned but never read here: the group only says which instance is in charge of their partitions. */
  readonly ownedTopics?: readonly string[]
  /** Of these topics each record waits until the one before it is done with. */
  readonly serialTopics?: readonly string[]
  readonly sessionTimeoutMs: number
  /** Handlers that run at once for one partition; they are called in offset order. */
  readonly maxInFlight: number
  readonly commitIntervalMs?: number
}

export interface GroupConsumerDeps {
  readonly kafka: KafkaConnection
  readonly log: Logger
  readonly metrics: KafkaMetrics
  readonly health: PartHealth
  /** Resolves when the record has had its effect: only then may its offset be committed. */
  readonly handle: (record: KafkaRecord) => Promise<void>
  /** Whether the same record may succeed later: then its partition waits. */
  readonly isTransient: (error: unknown) => boolean
  /** Takes what can never be handled. While it rejects, the partition waits. */
  readonly deadLetter: (record: KafkaRecord, error: unknown) => Promise<void>
  readonly onAssignment?: (assigned: Assignment) => void
  readonly clock?: Pick<Clock, 'steady'>
}

/** A member of a consumer group that nothing in its topics can stop, and that comes back whatever happens to Kafka. */
export interface GroupConsumer {
  /** Starts to join and returns; the health says when it has, and what is in the way. */
  start(): Promise<void>
  /** Commits what is done and leaves the group, so that others take over at once. Returns within seconds. */
  stop(): Promise<void>
  /** What the group has assigned, owned topics included. Empty while this is not a member. */
  assigned(): Assignment
  /** When the last heartbeat that was answered was sent, by the steady clock; -Infinity before the first. */
  lastHeartbeatSentAt(): number
  readonly sessionTimeoutMs: number
  /** False while the group may have given away unheard what is assigned here, as after a freeze. */
  isCurrent(): boolean
  /** Commits for a partition of an owned topic. Rejects with CommitRefusedError when the group has moved on. */
  commit(point: CommitPoint): Promise<void>
  /** What the group has committed, undefined when nothing. */
  committed(topic: string, partition: number): Promise<CommittedOffset | undefined>
}

const DRAIN_MS = 1500
const LAST_COMMIT_MS = 1000
/** A coordinator that moves is found again in this time. */
const COMMIT_RETRY_MS = 3000
const TRY_AGAIN_MS = 100

export function createGroupConsumer(options: GroupConsumerOptions, deps: GroupConsumerDeps): GroupConsumer {
  return new ReadingMember(options, deps)
}

/** What the group assigns is read, handled and committed. */
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
    this.#clock = deps.clock ?? SYSTEM_CLOCK
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
        // The member joins anew in a moment. The coordinator still takes what is sent before.
        onRebalance: () => void this.#committer.flush(),
        onConfirmed: () => this.#partitions.pump(),
        beforeLeaving: async () => {
          await withDeadline(this.#partitions.drain(), DRAIN_MS, 'waiting for handlers').catch(() => {})
          await withDeadline(this.#committer.flush(), LAST_COMMIT_MS, 'the last commit').catch(() => {})
        },
      },
    )
  }

  /** Tries until the offsets are known or the next generation comes. */
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
