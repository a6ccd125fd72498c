import type { Logger } from 'pino'
import type { OutgoingRecord } from '../kafka/record.ts'
import type { Clock } from '../lifecycle/clock.ts'
import { RareLog } from '../lifecycle/rare-log.ts'
import { type TraceHeaders, withTrace } from '../messages/trace-context.ts'
import { type GossipOccurrence, type StateOrder, withStateOrder } from './entries/occurrence.ts'
import type { LogEvent } from './event.ts'
import type { EventLogView } from './event-log-view.ts'
import { ValidationFollower } from './following/validation-follower.ts'
import type { AppendRecord, EventLogMetrics, Membership, RecordHandler } from './ports.ts'
import { createPrimary } from './primary.ts'
import type { EventLogSubscriber } from './reading/subscribers.ts'
import { AnnouncementWriter } from './writing/announcement-writer.ts'
import type { PendingAnnouncementsOptions } from './writing/pending-announcements.ts'
import { rank } from './writing/rank.ts'
import type { StateFilter } from './writing/state-filter.ts'

export interface EventLogOptions {
  readonly instanceId: string
  readonly pending: PendingAnnouncementsOptions
}

export interface EventLogDeps {
  readonly view: EventLogView
  readonly states: StateFilter
  readonly append: AppendRecord
  readonly toRecord: (event: LogEvent) => OutgoingRecord
  readonly membership: Membership
  /** Whether an append was refused permanently, for example because the record is too large. */
  readonly isRefused: (error: unknown) => boolean
  readonly isTransient: (error: unknown) => boolean
  readonly isOutOfRange: (error: unknown) => boolean
  readonly metrics: EventLogMetrics
  readonly log: Logger
  readonly clock: Clock
}

const LOST = 'pending announcements were dropped and are lost to this bridge: Kafka has taken none for too long'
const REFUSED = 'announcements are lost to this bridge: the topic of the event log does not take them'

/** The event log of a bridge: the ordered record of all announcements of the own node and of the network, and of all decisions. */
export class EventLog {
  readonly #options: EventLogOptions
  readonly #deps: EventLogDeps
  readonly #writer: AnnouncementWriter
  readonly #lost: RareLog
  readonly #refused: RareLog<unknown>
  readonly #undo: readonly (() => void)[]
  readonly #isPrimary: () => boolean

  constructor(options: EventLogOptions, deps: EventLogDeps) {
    const { view, states, membership, metrics, log, clock } = deps
    this.#options = options
    this.#deps = deps
    this.#isPrimary = createPrimary({ membership, clock }).isPrimary
    this.#lost = new RareLog({}, { say: (records) => log.error({ records }, LOST) })
    this.#refused = new RareLog({}, { say: (records, error) => log.error({ err: error, records }, REFUSED) })
    this.#writer = new AnnouncementWriter(options.pending, {
      write: (record) => this.#write(record),
      isPrimary: this.#isPrimary,
      tailIsLive: () => view.isLive(),
      rank: (id) => rank(states.turnKeyOf(id), { instanceId: this.#options.instanceId, live: view.liveInstances() }),
      onWritten: (record, latencyMs, isTakenOver) =>
        metrics.writeSeconds.observe({ taken_over: isTakenOver ? '1' : '0' }, latencyMs / 1000, record.headers.traceparent),
      onDropped: (record) => this.#dropped(record),
      onWriteError: (error) => log.debug({ err: error }, 'writing to the event log failed and is tried again'),
      clock,
    })
    this.#undo = [
      view.onId((id) => this.#writer.cameBy(id)),
      states.onOutdated((id) => this.#writer.cameBy(id)),
      states.onRevived(({ event, order }) => this.#offer(event, order)),
    ]
  }

  /** Writes an own event; resolves when Kafka has acknowledged it. Events keep the order in which they are appended. */
  async append(event: LogEvent): Promise<void> {
    await this.#deps.append(this.#deps.toRecord(event))
  }

  /**
   * Takes an event that all instances of the bridge received; the instance whose turn it is writes it. Never waits. An event that only
   * repeats the state of its source, or is older than that state, is left out.
   */
  offer(event: LogEvent, occurrence: GossipOccurrence): 'new' | 'repeated' | 'outdated' {
    const { outcome, order } = this.#deps.states.take(event, occurrence)
    if (outcome === 'new') this.#offer(event, order, occurrence.trace)
    return outcome
  }

  /** Returns the undo. */
  subscribe(subscriber: EventLogSubscriber): () => void {
    return this.#deps.view.subscribe(subscriber)
  }

  /** At the primary, passes each record to `handle`, from the group's committed offset on; the offset is committed after the effect. */
  follow(handle: RecordHandler): ValidationFollower {
    const follower = new ValidationFollower({ ...this.#deps, handle })
    follower.start()
    return follower
  }

  /** Whether an event is in the event log, or on its way there. */
  isSeen(id: string): boolean {
    return this.#deps.view.isSeen(id) || this.#writer.has(id)
  }

  /** Whether a peer id belongs to an instance of this bridge. */
  isSibling(peerId: string): boolean {
    return this.#deps.view.isSibling(peerId)
  }

  isPrimary(): boolean {
    return this.#isPrimary()
  }

  /** The time by the event log's broker, in milliseconds since the epoch. */
  now(): number {
    return this.#deps.view.now()
  }

  pending(): { records: number; bytes: number } {
    return this.#writer.queued()
  }

  /** Writes the pending announcements, then stops writing. Gossip must have stopped before; the view continues. */
  async stopWriting(): Promise<void> {
    await this.#writer.stop()
    for (const undo of this.#undo) undo()
    this.#lost.stop()
    this.#refused.stop()
  }

  async #write(record: OutgoingRecord): Promise<'acknowledged' | 'refused'> {
    try {
      await this.#deps.append(record)
      return 'acknowledged'
    } catch (error) {
      if (!this.#deps.isRefused(error)) throw error
      this.#refused.count(this.#settled(record), error)
      return 'refused'
    }
  }

  #offer(event: LogEvent, order: StateOrder, trace?: TraceHeaders): void {
    this.#writer.offer(event.id, withTrace(withStateOrder(this.#deps.toRecord(event), order), trace))
  }

  #dropped(record: OutgoingRecord): void {
    const type = this.#settled(record)
    this.#deps.metrics.pendingDropped.inc({ type })
    this.#lost.count(type)
  }

  /** The record will never be in the event log. Returns its kind. */
  #settled({ key, headers: { type = 'unknown' } }: OutgoingRecord): string {
    this.#deps.states.settled(String(key))
    return type
  }
}
