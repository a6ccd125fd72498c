import type { Logger } from 'pino'
import type { PartHealth } from '../../lifecycle/health.ts'
import { createBackOff, sleep, withDeadline } from '../../lifecycle/time.ts'
import type { KafkaMetrics } from '../../telemetry/kafka-metrics.ts'
import { missingTopics } from '../admin/missing-topics.ts'
import type { KafkaConnection } from '../client/connection.ts'
import { describeTrouble, kafkaErrorType, troubleOf } from '../client/trouble.ts'
import type { KafkaRecord } from '../record.ts'
import { AssignedPartitions } from './assigned-partitions.ts'
import { CommitRefusedError, GroupSession } from './group-session.ts'
import { createHeartbeatClock } from './heartbeat-clock.ts'
import { type CommitPoint, OffsetCommitter } from './offset-committer.ts'

export interface GroupConsumerOptions {
  readonly groupId: string
  readonly topics: readonly string[]
  /** Assigned but paused and never delivered: the group only says who owns their partitions. */
  readonly ownedTopics?: readonly string[]
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
  readonly onAssignment?: (assigned: ReadonlyMap<string, readonly number[]>) => void
}

/** A member of a consumer group that nothing in its topics can stop, and that comes back whatever happens to Kafka. */
export interface GroupConsumer {
  /** Starts to join and returns; the health says when it has, and what is in the way. */
  start(): Promise<void>
  /** Commits what is done and leaves the group, so that others take over at once. Returns within seconds. */
  stop(): Promise<void>
  /** What the group has assigned, owned topics included. Empty while this is not a member. */
  assigned(): ReadonlyMap<string, readonly number[]>
  /** When the last heartbeat that was answered was sent, by `performance.now()`; -Infinity before the first. */
  lastHeartbeatSentAt(): number
  readonly sessionTimeoutMs: number
  /** False while the group may have given away unheard what is assigned here, as after a freeze. */
  isCurrent(): boolean
  /** Commits for a partition of an owned topic. Rejects with CommitRefusedError when the group has moved on. */
  commit(point: CommitPoint): Promise<void>
  /** What the group has committed, undefined when nothing. */
  committed(topic: string, partition: number): Promise<{ next: bigint; metadata: string } | undefined>
}

const DRAIN_MS = 1500
const LAST_COMMIT_MS = 1000
const STOP_DEADLINE_MS = 8000
/** A coordinator that moves is found again in this time. */
const COMMIT_RETRY_MS = 3000

export function createGroupConsumer(options: GroupConsumerOptions, deps: GroupConsumerDeps): GroupConsumer {
  return new SupervisedConsumer(options, deps)
}

class SupervisedConsumer implements GroupConsumer {
  readonly sessionTimeoutMs: number
  readonly #options: GroupConsumerOptions
  readonly #deps: GroupConsumerDeps
  readonly #clock = createHeartbeatClock()
  readonly #stopping = new AbortController()
  readonly #partitions: AssignedPartitions
  readonly #committer: OffsetCommitter
  #session: GroupSession | undefined
  #assigned: ReadonlyMap<string, readonly number[]> = new Map()
  #supervision: Promise<void> = Promise.resolve()
  #isStarted = false
  /** Sessions that are being left. Not awaited before the next one: a broker that is away would hold it up. */
  readonly #closing = new Set<Promise<void>>()
  #said = ''

  constructor(options: GroupConsumerOptions, deps: GroupConsumerDeps) {
    this.#options = options
    this.#deps = deps
    this.sessionTimeoutMs = options.sessionTimeoutMs
    const { groupId, ownedTopics = [], maxInFlight } = options
    this.#partitions = new AssignedPartitions(
      { groupId, ownedTopics, maxInFlight },
      {
        ...deps,
        mayStart: () => this.isCurrent(),
        onDone: () => this.#committer.schedule(),
        onWaiting: (reasons) => this.#sayWaiting(reasons),
      },
    )
    this.#committer = new OffsetCommitter(
      { intervalMs: options.commitIntervalMs ?? 100 },
      {
        collect: () => (this.#assigned.size > 0 ? this.#partitions.committable() : []),
        commit: async (points) => {
          this.#partitions.committing(points)
          await this.#session?.commit(points)
          this.#partitions.committed(points)
        },
        onError: (error) => deps.log.debug({ err: error, group: groupId }, 'offsets not committed yet'),
      },
    )
  }

  async start(): Promise<void> {
    if (this.#isStarted) return
    this.#isStarted = true
    this.#supervision = this.#supervise()
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await withDeadline(this.#supervision, STOP_DEADLINE_MS, 'stopping the consumer').catch(() => {})
    this.#committer.stop()
  }

  assigned(): ReadonlyMap<string, readonly number[]> {
    return this.#assigned
  }

  lastHeartbeatSentAt(): number {
    return this.#clock.lastSentAt()
  }

  isCurrent(): boolean {
    return performance.now() - this.#clock.lastSentAt() < this.sessionTimeoutMs
  }

  async commit(point: CommitPoint): Promise<void> {
    const { topic, partition } = point
    const { groupId } = this.#options
    const until = performance.now() + COMMIT_RETRY_MS
    for (;;) {
      const session = this.#session
      if (!session || !this.#assigned.get(topic)?.includes(partition)) {
        throw new CommitRefusedError(`group ${groupId} does not assign ${topic}:${partition} to this member`)
      }
      try {
        await session.commit([point])
        return
      } catch (error) {
        if (error instanceof CommitRefusedError) throw error
        const isMoved = MOVED_ON.has(kafkaErrorType(error) ?? '')
        if (isMoved) throw new CommitRefusedError(`group ${groupId} has moved on: ${messageOf(error)}`, { cause: error })
        if (performance.now() > until) throw error
        await sleep(100, this.#stopping.signal)
      }
    }
  }

  async committed(topic: string, partition: number): Promise<{ next: bigint; metadata: string } | undefined> {
    const { groupId } = this.#options
    const offsets = await this.#deps.kafka.withAdmin((admin) => admin.fetchOffsets({ groupId, topics: [topic] }))
    const found = offsets.find((each) => each.topic === topic)?.partitions.find((each) => each.partition === partition)
    const next = BigInt(found?.offset ?? -1)
    return next < 0n ? undefined : { next, metadata: found?.metadata ?? '' }
  }

  async #supervise(): Promise<void> {
    const { signal } = this.#stopping
    const backOff = createBackOff(100, 5000)
    while (!signal.aborted) {
      const session = this.#newSession(() => backOff.reset())
      const reason = await this.#live(session)
      this.#session = undefined
      this.#partitions.detach()
      this.#assign(new Map())
      const closing = session.close().finally(() => this.#closing.delete(closing))
      this.#closing.add(closing)
      if (signal.aborted) break
      this.#deps.metrics.groupRebuilds.inc({ group: this.#options.groupId })
      await this.#sayEnded(reason)
      await sleep(backOff.next(), signal)
    }
    this.#partitions.abandon()
    await Promise.all(this.#closing)
  }

  /** Until the session ends or `stop`; what ended it. */
  async #live(session: GroupSession): Promise<unknown> {
    const { signal } = this.#stopping
    let onStop = () => {}
    const stopped = new Promise<void>((resolve) => {
      onStop = resolve
      signal.addEventListener('abort', onStop)
    })
    try {
      this.#session = session
      await Promise.race([session.open(), stopped])
      const reason = await Promise.race([session.ended, stopped])
      // After `stop` the session is still needed for the last commit.
      if (signal.aborted) await this.#finish()
      return reason
    } catch (error) {
      return error
    } finally {
      signal.removeEventListener('abort', onStop)
    }
  }

  async #finish(): Promise<void> {
    await withDeadline(this.#partitions.drain(), DRAIN_MS, 'waiting for handlers').catch(() => {})
    await withDeadline(this.#committer.flush(), LAST_COMMIT_MS, 'the last commit').catch(() => {})
  }

  #newSession(onJoined: () => void): GroupSession {
    const { groupId, topics, ownedTopics = [], sessionTimeoutMs } = this.#options
    const { kafka } = this.#deps
    const session: GroupSession = new GroupSession(
      { groupId, topics: [...topics, ...ownedTopics], sessionTimeoutMs },
      {
        kafka,
        clock: this.#clock,
        onJoin: (assigned) => {
          if (this.#session !== session) return
          onJoined()
          this.#joined(session, assigned)
        },
        // Sent before kafkajs asks to join anew, so the coordinator still takes it.
        onRebalance: () => void this.#committer.flush(),
        onBatch: (batch) => {
          if (this.#session === session) this.#partitions.take(batch)
        },
        onHeartbeat: () => this.#partitions.pump(),
      },
    )
    return session
  }

  #joined(session: GroupSession, assigned: ReadonlyMap<string, readonly number[]>): void {
    const { groupId } = this.#options
    this.#deps.metrics.groupJoins.inc({ group: groupId })
    this.#partitions.assign(assigned, session.consumer)
    this.#said = ''
    this.#deps.health.ready()
    this.#deps.log.info({ group: groupId, assigned: Object.fromEntries(assigned) }, 'joined the consumer group')
    this.#assign(assigned)
  }

  #assign(assigned: ReadonlyMap<string, readonly number[]>): void {
    if (assigned.size === 0 && this.#assigned.size === 0) return
    this.#assigned = assigned
    try {
      this.#deps.onAssignment?.(assigned)
    } catch (error) {
      this.#deps.log.error({ err: error, group: this.#options.groupId }, 'the listener for assignments failed')
    }
  }

  async #sayEnded(reason: unknown): Promise<void> {
    const { kafka, health, log } = this.#deps
    const { groupId, topics, ownedTopics = [] } = this.#options
    const wanted = [...topics, ...ownedTopics]
    const missing = troubleOf(reason) === 'missing' ? await missingTopics(kafka, wanted) : []
    const sentence = describeTrouble(reason, { brokers: kafka.brokers, topics: missing.length > 0 ? missing : wanted })
    if (sentence === this.#said) return
    this.#said = sentence
    health.notReady(sentence)
    log.debug({ group: groupId, reason: sentence }, 'consumer group member ended, a new one is made')
  }

  #sayWaiting(reasons: readonly string[]): void {
    if (this.#assigned.size === 0) return
    if (reasons.length === 0) this.#deps.health.ready()
    else this.#deps.health.notReady(reasons.join('; '))
  }
}

const MOVED_ON = new Set(['ILLEGAL_GENERATION', 'UNKNOWN_MEMBER_ID', 'REBALANCE_IN_PROGRESS', 'FENCED_INSTANCE_ID'])

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
