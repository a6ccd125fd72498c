import type { Logger } from 'pino'
import type { KafkaRecord } from '../../kafka/record.ts'
import type { Clock } from '../../lifecycle/clock.ts'
import { Listeners } from '../../lifecycle/listeners.ts'
import { RareLog } from '../../lifecycle/rare-log.ts'
import { isCommitOf } from '../entries/fingerprint.ts'
import type { EventLogView } from '../event-log-view.ts'
import type { CommittedPlace, EventLogGap, EventLogMetrics, Membership, RecordHandler } from '../ports.ts'
import { CommittedFollower, type FoundCommit } from './committed-follower.ts'

export interface ValidationFollowerDeps {
  readonly view: EventLogView
  readonly membership: Membership
  /** The flow log-to-validation. */
  readonly handle: RecordHandler
  /** Whether an error of `handle` is transient: then the record is retried. */
  readonly isTransient: (error: unknown) => boolean
  readonly isOutOfRange: (error: unknown) => boolean
  readonly metrics: EventLogMetrics
  readonly log: Logger
  readonly clock: Clock
}

/** Upper bound on the records repeated when the primary dies between effect and commit. */
const MAX_UNCOMMITTED = 200
/** Short compared with the time in which the other instances notice that the primary is dead. */
const COMMIT_EVERY_MS = 50
const FLOW = 'log-to-validation'
const FAILED = 'events cannot be sent to validation and are passed over'

/** Sends the event log to validation at the primary: a second reader, which starts at the group's committed offset. */
export class ValidationFollower {
  readonly #deps: ValidationFollowerDeps
  readonly #follower: CommittedFollower
  readonly #committed = new Listeners<bigint>()
  readonly #failed: RareLog<{ record: KafkaRecord; error: unknown }>
  #committedNext: bigint | undefined
  readonly #undo: (() => void)[] = []

  constructor(deps: ValidationFollowerDeps) {
    this.#deps = deps
    const { view, membership, isOutOfRange, log, clock } = deps
    this.#failed = new RareLog(
      {},
      {
        say: ({ failed: records }, { record: { topic, offset }, error }) =>
          log.error({ err: error, topic, offset: offset.toString(), records }, FAILED),
      },
    )
    this.#follower = new CommittedFollower(
      { maxUncommitted: MAX_UNCOMMITTED, commitEveryMs: COMMIT_EVERY_MS, idleMs: 1000, retryMs: 200 },
      {
        read: (from) => view.readBehindTail(from, MAX_UNCOMMITTED),
        bounds: () => view.bounds(),
        committed: () => this.#findCommitted(),
        commit: (place) => this.#commit(place),
        isAssigned: () => membership.isAssigned(),
        mayHandle: () => membership.isCurrent(),
        handle: (record) => this.#handle(record),
        isOutOfRange,
        onError: (error) => log.debug({ err: error }, 'following the event log for validation was interrupted'),
        clock,
      },
    )
  }

  start(): void {
    const { view, membership } = this.#deps
    this.#undo.push(membership.onAssignment(() => void this.#follower.restart()))
    this.#undo.push(view.subscribe({ onGap: (gap) => void this.#relocate(gap) }))
  }

  async stop(): Promise<void> {
    for (const undo of this.#undo.splice(0)) undo()
    await this.#follower.stop()
    this.#failed.stop()
  }

  /** Records after the committed offset; undefined where another instance follows. */
  lag(): number | undefined {
    const { view, membership } = this.#deps
    if (this.#committedNext === undefined || !membership.isAssigned()) return undefined
    return Math.max(0, Number(view.position() - this.#committedNext))
  }

  /** Calls the listener with each offset up to which validation has all records; returns the undo. */
  onCommitted(listener: (next: bigint) => void): () => void {
    return this.#committed.add(listener)
  }

  async #relocate({ reason, next }: EventLogGap): Promise<void> {
    if (reason === 'undecodable') return
    await this.#follower.restart({ isOtherLog: reason === 'topic-made-anew', ...(reason === 'truncated' && { atMost: next }) })
  }

  /** Kafka keeps the committed offset of a topic that is deleted while a commit is under way; it is meaningless in the next topic. */
  async #findCommitted(): Promise<FoundCommit | undefined> {
    const found = await this.#deps.membership.committed()
    const commit = found && (await this.#inThisLog(found))
    this.#setCommitted(commit?.isInRange ? commit.next : undefined)
    return commit
  }

  /** Undefined for an offset that was committed in another event log. */
  async #inThisLog(found: CommittedPlace): Promise<FoundCommit | undefined> {
    const { view, isOutOfRange } = this.#deps
    const { next } = found
    if (next === 0n) return { next, isInRange: true }
    try {
      return isCommitOf(found, await view.recordAt(next - 1n)) ? { next, isInRange: true } : undefined
    } catch (error) {
      if (!isOutOfRange(error)) throw error
      return { next, isInRange: false }
    }
  }

  async #commit(place: CommittedPlace): Promise<void> {
    await this.#deps.membership.commit(place)
    this.#setCommitted(place.next)
  }

  #setCommitted(next: bigint | undefined): void {
    this.#committedNext = next
    this.#committed.emit(next ?? 0n)
  }

  async #handle(record: KafkaRecord): Promise<void> {
    const { handle, isTransient, metrics } = this.#deps
    try {
      metrics.records.inc({ flow: FLOW, outcome: await handle(record) })
    } catch (error) {
      if (isTransient(error)) throw error
      metrics.records.inc({ flow: FLOW, outcome: 'failed' })
      this.#failed.count('failed', { record, error })
    }
  }
}
