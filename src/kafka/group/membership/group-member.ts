import type { Logger } from 'pino'
import type { Clock } from '../../../lifecycle/clock.ts'
import { createBackOff, sleep, withDeadline } from '../../../lifecycle/time.ts'
import type { KafkaMetrics } from '../../../telemetry/kafka-metrics.ts'
import { missingTopics } from '../../admin/missing-topics.ts'
import type { KafkaConnection } from '../../client/connection.ts'
import { describeTrouble, troubleOf } from '../../client/trouble.ts'
import type { GroupHealth } from '../group-health.ts'
import type { Membership } from './group-offsets.ts'
import { type Assignment, GroupSession, type JoinedGroup } from './group-session.ts'
import { JoinReport } from './join-report.ts'
import { SubscriptionAssigner } from './subscription-assigner.ts'

export interface GroupMemberOptions {
  readonly groupId: string
  readonly topics: readonly string[]
  readonly sessionTimeoutMs: number
}

export interface GroupMemberDeps {
  readonly kafka: KafkaConnection
  readonly log: Logger
  readonly metrics: Pick<KafkaMetrics, 'groupJoins' | 'groupRebuilds'>
  readonly clock: Pick<Clock, 'steady'>
  readonly health: GroupHealth
  readonly onJoined: (assigned: Assignment, membership: Membership) => void
  /** The membership is over, temporarily or permanently. */
  readonly onLeft: () => void
  readonly onRebalance: () => void
  readonly onConfirmed: () => void
  /** See GroupSessionDeps. */
  readonly isQuiet?: (() => boolean) | undefined
  /** Last work of a member before it stops and leaves the group. */
  readonly beforeLeaving: () => Promise<void>
}

const STOP_DEADLINE_MS = 8000

/** A member of a consumer group that rejoins after any failure of Kafka: a new session follows each one that ends. */
export class GroupMember {
  readonly #options: GroupMemberOptions
  readonly #deps: GroupMemberDeps
  readonly #assigner: SubscriptionAssigner
  readonly #report: JoinReport
  readonly #stopping = new AbortController()
  #session: GroupSession | undefined
  #membership: Membership | undefined
  #lastHeartbeatSentAt = Number.NEGATIVE_INFINITY
  #supervision: Promise<void> | undefined
  /** Sessions that are being closed. The next session does not wait for them: a broker that does not answer would delay it. */
  readonly #closing = new Set<Promise<void>>()
  #said = ''

  constructor(options: GroupMemberOptions, deps: GroupMemberDeps) {
    this.#options = options
    this.#deps = deps
    this.#assigner = new SubscriptionAssigner(options, deps)
    this.#report = new JoinReport(options, deps)
  }

  start(): void {
    this.#supervision ??= this.#supervise()
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await withDeadline(this.#supervision ?? Promise.resolve(), STOP_DEADLINE_MS, 'stopping the consumer').catch(() => {})
  }

  /** Undefined while this is not a member. */
  membership(): Membership | undefined {
    return this.#membership
  }

  /** When the last heartbeat that was answered was sent, by the steady clock; -Infinity before the first. */
  lastHeartbeatSentAt(): number {
    return this.#lastHeartbeatSentAt
  }

  /** False while the group may have reassigned this member's partitions unnoticed, as after a freeze. */
  isCurrent(): boolean {
    return this.#deps.clock.steady() - this.#lastHeartbeatSentAt < this.#options.sessionTimeoutMs
  }

  async #supervise(): Promise<void> {
    const { signal } = this.#stopping
    const backOff = createBackOff(100, 5000)
    while (!signal.aborted) {
      const session = this.#newSession(() => backOff.reset())
      const reason = await this.#live(session)
      this.#leave(session)
      if (signal.aborted) break
      this.#deps.metrics.groupRebuilds.inc({ group: this.#options.groupId })
      await this.#sayEnded(reason)
      await sleep(backOff.next(), signal)
    }
    await Promise.all(this.#closing)
  }

  /** Runs until the session ends or `stop`; returns the reason. */
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
      if (signal.aborted) await this.#deps.beforeLeaving()
      return reason
    } catch (error) {
      return error
    } finally {
      signal.removeEventListener('abort', onStop)
    }
  }

  #leave(session: GroupSession): void {
    this.#session = undefined
    this.#membership = undefined
    this.#deps.onLeft()
    const closing = session.close().finally(() => this.#closing.delete(closing))
    this.#closing.add(closing)
  }

  #newSession(onJoined: () => void): GroupSession {
    const { kafka, clock, isQuiet } = this.#deps
    const session: GroupSession = new GroupSession(this.#options, {
      kafka,
      clock,
      assigner: this.#assigner,
      isQuiet,
      onJoin: (joined) => {
        if (this.#session !== session) return
        onJoined()
        this.#joined(joined)
      },
      onRebalance: () => this.#deps.onRebalance(),
      onConfirmed: (sentAt) => {
        if (this.#session !== session) return
        this.#lastHeartbeatSentAt = Math.max(this.#lastHeartbeatSentAt, sentAt)
        this.#deps.onConfirmed()
      },
    })
    return session
  }

  #joined(joined: JoinedGroup): void {
    const { metrics, health, onJoined } = this.#deps
    metrics.groupJoins.inc({ group: this.#options.groupId })
    this.#membership = joined.membership
    this.#said = ''
    health.membership(undefined)
    this.#report.joined(joined)
    onJoined(joined.assigned, joined.membership)
  }

  async #sayEnded(reason: unknown): Promise<void> {
    const { kafka, log, health } = this.#deps
    const { groupId, topics } = this.#options
    const missing = troubleOf(reason) === 'missing' ? await missingTopics(kafka, topics) : []
    const sentence = describeTrouble(reason, { brokers: kafka.brokers, topics: missing.length > 0 ? missing : topics, group: groupId })
    if (sentence === this.#said) return
    this.#said = sentence
    health.membership(sentence)
    log.debug({ group: groupId, reason: sentence }, 'the membership in the consumer group has ended, the next one begins')
  }
}
