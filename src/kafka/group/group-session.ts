import type { Batch, Consumer } from 'kafkajs'
import { withDeadline } from '../../lifecycle/time.ts'
import type { KafkaConnection } from '../client/connection.ts'
import type { HeartbeatClock } from './heartbeat-clock.ts'
import type { CommitPoint } from './offset-committer.ts'

export interface GroupSessionOptions {
  readonly groupId: string
  readonly topics: readonly string[]
  readonly sessionTimeoutMs: number
}

export interface GroupSessionDeps {
  readonly kafka: KafkaConnection
  readonly clock: HeartbeatClock
  readonly onJoin: (assigned: ReadonlyMap<string, readonly number[]>) => void
  readonly onRebalance: () => void
  readonly onBatch: (batch: Batch) => void
  readonly onHeartbeat: () => void
}

/** The group has moved on, or this member is not in it: what was to be committed is not. */
export class CommitRefusedError extends Error {
  override readonly name = 'CommitRefusedError'
  readonly code = 'BRIDGE_COMMIT_REFUSED'
}

/** kafkajs asks a frozen coordinator again and again; a new session finds the one that takes over. */
class CoordinatorSilentError extends Error {
  override readonly name = 'CoordinatorSilentError'
}

const COORDINATOR_REQUESTS = new Set(['Heartbeat', 'SyncGroup', 'OffsetCommit', 'OffsetFetch'])
const CONNECT_DEADLINE_MS = 15_000
const CLOSE_DEADLINE_MS = 1500
/** Small, so that no partition holds up the others of its broker. */
const FETCH_BYTES_PER_PARTITION = 256 << 10
/** By its next heartbeat a member hears that another one has left, so this is how long a stopped holder's work lies still. */
const HEARTBEAT_MS = 200
const LONG_POLL_MS = 250
const JOIN_DEADLINE_MS = 1000

/**
 * One life of a group member, from joining to its end, whatever ends it: a crash, silence, a stop. kafkajs's own restart is
 * not used: it does not cover all crashes, and hangs where its disconnect hangs. So there is one way back: a new session.
 */
export class GroupSession {
  readonly consumer: Consumer
  readonly #options: GroupSessionOptions
  readonly #deps: GroupSessionDeps
  readonly #commitsSeen = new Map<string, string>()
  readonly #watchdog: NodeJS.Timeout
  #lastSignOfLife = performance.now()
  #end: (reason: Error) => void = () => {}
  #isClosed = false
  #joining: Promise<void> = Promise.resolve()
  /** Resolves with the reason when the member is no more. */
  readonly ended: Promise<Error>

  constructor(options: GroupSessionOptions, deps: GroupSessionDeps) {
    this.#options = options
    this.#deps = deps
    this.ended = new Promise((resolve) => {
      this.#end = resolve
    })
    const { groupId, sessionTimeoutMs } = options
    this.consumer = deps.kafka.consumer({
      groupId,
      sessionTimeout: sessionTimeoutMs,
      heartbeatInterval: Math.min(HEARTBEAT_MS, Math.floor(sessionTimeoutMs / 6)),
      rebalanceTimeout: Math.max(30_000, sessionTimeoutMs),
      maxWaitTimeInMs: LONG_POLL_MS,
      maxBytesPerPartition: FETCH_BYTES_PER_PARTITION,
      metadataMaxAge: 3000, // a frozen leader is left when another one takes over, not when it thaws
      allowAutoTopicCreation: false,
      retry: { retries: 2, initialRetryTime: 100, maxRetryTime: 1000, restartOnFailure: async () => false },
    })
    this.#watchdog = setInterval(() => this.#watch(), Math.ceil(sessionTimeoutMs / 4))
    this.#listen()
  }

  /** Joins. Rejects when a topic is missing or no broker answers; a join that fails later ends the session. */
  async open(): Promise<void> {
    const { consumer } = this
    await withDeadline(this.#unlessClosed(consumer.connect()), CONNECT_DEADLINE_MS, 'connecting the consumer')
    const topics = [...this.#options.topics]
    const subscribed = this.#unlessClosed(consumer.subscribe({ topics, fromBeginning: true }))
    await withDeadline(subscribed, CONNECT_DEADLINE_MS, 'looking up the topics')
    const run = this.consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: 4,
      eachBatch: async ({ batch, resolveOffset }) => {
        this.#deps.onBatch(batch)
        resolveOffset(batch.lastOffset()) // moves the reading position only: commits are our own
      },
    })
    this.#joining = run.catch((error) => this.#end(error))
  }

  /** Rejects unless the coordinator has taken all of it: kafkajs alone resolves for a member that is no more. */
  async commit(points: readonly CommitPoint[]): Promise<void> {
    await this.consumer.commitOffsets(
      points.map(({ topic, partition, next, metadata = '' }) => ({ topic, partition, offset: `${next}`, metadata })),
    )
    const isTaken = points.every(({ topic, partition, next }) => this.#commitsSeen.get(`${topic}:${partition}`) === `${next}`)
    if (!isTaken) throw new CommitRefusedError(`group ${this.#options.groupId} did not take a commit: this member has left it`)
  }

  /**
   * kafkajs cannot leave a group that it is joining: it would become a member that nobody serves, whose session the next join
   * has to wait for. So a join under way gets a moment to end, and one that takes longer is left as soon as it has ended.
   */
  async close(): Promise<void> {
    this.#isClosed = true
    clearInterval(this.#watchdog)
    let isJoining = true
    const joined = this.#joining.then(() => {
      isJoining = false
    })
    await withDeadline(joined, JOIN_DEADLINE_MS, 'joining the group').catch(() => {})
    await this.#disconnect()
    if (isJoining) void joined.then(() => this.#disconnect())
  }

  async #disconnect(): Promise<void> {
    await withDeadline(this.consumer.disconnect(), CLOSE_DEADLINE_MS, 'leaving the group').catch(() => {})
  }

  /** A step of the start goes on when the session is closed meanwhile; what it has opened by then is closed once more. */
  async #unlessClosed(step: Promise<void>): Promise<void> {
    await step.finally(() => (this.#isClosed ? this.#disconnect() : undefined))
    if (this.#isClosed) throw new Error('the member was stopped while it started')
  }

  #listen(): void {
    const { consumer } = this
    const { clock, onJoin, onRebalance, onHeartbeat } = this.#deps
    const { events } = consumer
    consumer.on(events.REQUEST, ({ payload }) => clock.requested(payload))
    consumer.on(events.FETCH, () => this.#alive())
    consumer.on(events.HEARTBEAT, () => {
      this.#alive()
      clock.beaten()
      onHeartbeat()
    })
    consumer.on(events.GROUP_JOIN, ({ payload }) => {
      this.#alive()
      clock.joined()
      onJoin(new Map(Object.entries(payload.memberAssignment)))
    })
    consumer.on(events.REBALANCING, () => onRebalance())
    consumer.on(events.COMMIT_OFFSETS, ({ payload }) => {
      for (const { topic, partitions } of payload.topics) {
        for (const { partition, offset } of partitions) this.#commitsSeen.set(`${topic}:${partition}`, `${offset}`)
      }
    })
    consumer.on(events.REQUEST_TIMEOUT, ({ payload }) => {
      if (COORDINATOR_REQUESTS.has(payload.apiName))
        this.#end(new CoordinatorSilentError(`the group's coordinator did not answer a ${payload.apiName}`))
    })
    consumer.on(events.CRASH, ({ payload }) => this.#end(payload.error))
  }

  #alive(): void {
    this.#lastSignOfLife = performance.now()
  }

  #watch(): void {
    const silentMs = performance.now() - this.#lastSignOfLife
    if (silentMs > 3 * this.#options.sessionTimeoutMs)
      this.#end(new Error(`the consumer gave no sign of life for ${Math.round(silentMs)} ms`))
  }
}
