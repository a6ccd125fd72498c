import type { Consumer } from 'kafkajs'
import type { Clock } from '../../../lifecycle/clock.ts'
import { sleep, withDeadline } from '../../../lifecycle/time.ts'
import type { KafkaConnection } from '../../client/connection.ts'
import type { JoinSign, MemberSign } from '../../client/patches/group-member-patch.ts'
import type { Membership } from './group-offsets.ts'
import type { SubscriptionAssigner } from './subscription-assigner.ts'

export interface GroupSessionOptions {
  readonly groupId: string
  readonly topics: readonly string[]
  readonly sessionTimeoutMs: number
}

/** The assignment of this member: the partitions of each topic. */
export type Assignment = ReadonlyMap<string, readonly number[]>

/** What a member learns when it joins a generation of its group. */
export interface JoinedGroup {
  readonly assigned: Assignment
  readonly membership: Membership
  /** Topics that the group's leader assigned although this member does not subscribe to them; `assigned` is without. */
  readonly unsubscribed: readonly string[]
  /** How many partitions each subscribed topic has. */
  readonly partitions: ReadonlyMap<string, number>
}

export interface GroupSessionDeps {
  readonly kafka: Pick<KafkaConnection, 'consumer'>
  readonly clock: Pick<Clock, 'steady'>
  readonly assigner: Pick<SubscriptionAssigner, 'forCluster'>
  readonly onJoin: (joined: JoinedGroup) => void
  /** The group rebalances. This member rejoins in a moment: commits that are sent now still count. */
  readonly onRebalance: () => void
  /** True while a rebalance may be noticed a second later, because nothing flows. Never by default. */
  readonly isQuiet?: (() => boolean) | undefined
  /** The coordinator has just confirmed the membership. `sentAt`: when the request was sent, by the steady clock. */
  readonly onConfirmed: (sentAt: number) => void
}

const CONNECT_DEADLINE_MS = 15_000
const CLOSE_DEADLINE_MS = 1500
/** Members learn of a departure with their next heartbeat, so this bounds the pause after a clean stop. */
const HEARTBEAT_MS = 200
/** The same while nothing flows: every second request of an idle bridge was a heartbeat. Well below `sessionTimeoutMs / 2` of src/events/primary.ts. */
const QUIET_HEARTBEAT_MS = 1000
const JOIN_DEADLINE_MS = 1000
/** Bounds how long added partitions go unnoticed. */
const METADATA_MAX_AGE_MS = 10_000

/**
 * One life of a group member, from joining to its end: a crash, silence, or a stop. kafkajs's own restart is not used: it does not cover
 * all crashes, and hangs when its disconnect hangs. Only a new session rejoins the group.
 *
 * The session only reports the assigned partitions (see group-member-patch.ts). Their records are read elsewhere.
 */
export class GroupSession {
  readonly #options: GroupSessionOptions
  readonly #deps: GroupSessionDeps
  readonly #consumer: Consumer
  readonly #watchdog: NodeJS.Timeout
  #lastSignOfLife: number
  #end: (reason: Error) => void = () => {}
  readonly #closed = new AbortController()
  #joining: Promise<void> = Promise.resolve()
  /** Resolves with the reason when the membership has ended. */
  readonly ended: Promise<Error>

  constructor(options: GroupSessionOptions, deps: GroupSessionDeps) {
    this.#options = options
    this.#deps = deps
    this.#lastSignOfLife = deps.clock.steady()
    this.ended = new Promise((resolve) => {
      this.#end = resolve
    })
    const { groupId, sessionTimeoutMs } = options
    const heartbeatMs = Math.min(HEARTBEAT_MS, Math.floor(sessionTimeoutMs / 6))
    this.#consumer = deps.kafka.consumer({
      groupId,
      sessionTimeout: sessionTimeoutMs,
      heartbeatInterval: heartbeatMs,
      rebalanceTimeout: Math.max(30_000, sessionTimeoutMs),
      maxWaitTimeInMs: heartbeatMs,
      metadataMaxAge: METADATA_MAX_AGE_MS,
      allowAutoTopicCreation: false,
      partitionAssigners: [({ cluster }) => ({ ...deps.assigner.forCluster(cluster), rest: (ms: number) => this.#rest(ms) })],
      retry: { retries: 2, initialRetryTime: 100, maxRetryTime: 1000, restartOnFailure: async () => false },
    })
    this.#watchdog = setInterval(() => this.#watch(), sessionTimeoutMs)
    this.#listen()
  }

  /** Joins. Rejects when a topic is missing or no broker answers; a join that fails later ends the session. */
  async open(): Promise<void> {
    const consumer = this.#consumer
    await withDeadline(this.#unlessClosed(consumer.connect()), CONNECT_DEADLINE_MS, 'connecting the consumer')
    const subscribed = this.#unlessClosed(consumer.subscribe({ topics: [...this.#options.topics], fromBeginning: true }))
    await withDeadline(subscribed, CONNECT_DEADLINE_MS, 'looking up the topics')
    const run = consumer.run({ autoCommit: false, eachBatch: async () => {} })
    this.#joining = run.catch((error) => this.#end(error))
  }

  /**
   * kafkajs cannot leave a group while it joins: the group would keep a dead member, and the next join would wait for its session to
   * time out. So a running join gets a moment to end; after a longer one the group is left when the join has ended.
   */
  async close(): Promise<void> {
    this.#closed.abort()
    clearInterval(this.#watchdog)
    let isJoining = true
    const joined = this.#joining.then(() => {
      isJoining = false
    })
    await withDeadline(joined, JOIN_DEADLINE_MS, 'joining the group').catch(() => {})
    await this.#disconnect()
    if (isJoining) void joined.then(() => this.#disconnect())
  }

  get #isClosed(): boolean {
    return this.#closed.signal.aborted
  }

  async #disconnect(): Promise<void> {
    await withDeadline(this.#consumer.disconnect(), CLOSE_DEADLINE_MS, 'leaving the group').catch(() => {})
  }

  /** A step of the start runs to its end even if the session is closed meanwhile; its connections are then closed again. */
  async #unlessClosed(step: Promise<void>): Promise<void> {
    try {
      await step
    } finally {
      if (this.#isClosed) await this.#disconnect()
    }
    if (this.#isClosed) throw new Error('the member was stopped while it started')
  }

  #listen(): void {
    const consumer = this.#consumer
    const { onJoin, onRebalance, onConfirmed } = this.#deps
    const { events } = consumer
    let unsubscribed: readonly string[] = []
    consumer.on(events.FETCH, () => this.#alive())
    consumer.on(events.HEARTBEAT, ({ payload }) => {
      this.#alive()
      onConfirmed((payload as unknown as MemberSign).sentAt)
    })
    consumer.on(events.RECEIVED_UNSUBSCRIBED_TOPICS, ({ payload }) => {
      unsubscribed = payload.topicsNotSubscribed
    })
    consumer.on(events.GROUP_JOIN, ({ payload }) => {
      this.#alive()
      const { sentAt, groupGenerationId, memberId, partitions } = payload as unknown as JoinSign
      onConfirmed(sentAt)
      const assigned = new Map(Object.entries(payload.memberAssignment))
      onJoin({ assigned, membership: { generationId: groupGenerationId, memberId }, unsubscribed, partitions })
      unsubscribed = []
    })
    consumer.on(events.REBALANCING, () => onRebalance())
    consumer.on(events.CRASH, ({ payload }) => this.#end(payload.error))
  }

  async #rest(ms: number): Promise<void> {
    const quietMs = Math.min(QUIET_HEARTBEAT_MS, Math.floor(this.#options.sessionTimeoutMs / 6))
    await sleep(this.#deps.isQuiet?.() ? quietMs : ms, this.#closed.signal)
  }

  #alive(): void {
    this.#lastSignOfLife = this.#deps.clock.steady()
  }

  #watch(): void {
    const silentMs = this.#deps.clock.steady() - this.#lastSignOfLife
    if (silentMs > 3 * this.#options.sessionTimeoutMs)
      this.#end(new Error(`the consumer gave no sign of life for ${Math.round(silentMs)} ms`))
  }
}
