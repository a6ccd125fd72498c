import type { Logger } from 'pino'
import type { KafkaRecord } from '../kafka/record.ts'
import type { Clock } from '../lifecycle/clock.ts'
import { createClockWatch } from '../lifecycle/clock-watch.ts'
import type { PartHealth } from '../lifecycle/health.ts'
import { Listeners } from '../lifecycle/listeners.ts'
import { sleep } from '../lifecycle/time.ts'
import { EVENT_TYPES } from './entries/event-kinds.ts'
import type { EventType, LogEvent } from './event.ts'
import { LatestOffsets } from './history/latest-offsets.ts'
import { createLogReads, type LogReads } from './history/log-reads.ts'
import type { Ownership } from './instances/ownership.ts'
import { type LiveInstance, Siblings } from './instances/siblings.ts'
import type { EventLogGap, EventLogMetrics, EventLogReader, EventLogTail, OpenTail } from './ports.ts'
import { EventLogClock } from './reading/event-log-clock.ts'
import { FirstOccurrence, type FirstOccurrenceOptions } from './reading/first-occurrence.ts'
import { PassedOver } from './reading/passed-over.ts'
import { findReadBack, type ReadBack } from './reading/read-back.ts'
import { type EventEntry, readEvents } from './reading/read-events.ts'
import { RecentRecords } from './reading/recent-records.ts'
import { type EventLogSubscriber, Subscribers } from './reading/subscribers.ts'
import { INSTANCE_RECORD_LIFETIME_MS } from './timings.ts'

export interface EventLogViewOptions extends FirstOccurrenceOptions {
  readonly instanceId: string
  /** Of the latest offsets before the start the content of subtrees is read too: see announcers.ts. */
  readonly subtreesReadBack: number
}

export interface EventLogViewDeps {
  readonly openTail: OpenTail
  readonly reader: EventLogReader
  /** Undefined for an event of a type that this version does not know. Throws for a record that is not an event. */
  readonly decode: (record: KafkaRecord) => LogEvent | undefined
  /** Id and type of an event at a fraction of the cost; undefined for a record that has to be decoded completely. */
  readonly peek: (record: KafkaRecord) => { readonly id: string; readonly type: string } | undefined
  readonly ownership: Ownership
  readonly health: PartHealth
  readonly metrics: EventLogMetrics
  readonly log: Logger
  readonly clock: Clock
}

const RETRY_MS = 1000
const RECENT_RECORDS = { maxRecords: 2000, maxBytes: 2 << 20 }
/** Kinds of which the read-back needs only the id. Of blocks it needs the height, of instances whether they live, of states the latest. */
const ID_IS_ENOUGH: ReadonlySet<string> = new Set<EventType>(['subtree', 'rejected-tx', 'sync', 'ban'])
/** Small pages, because decoding one blocks the event loop. */
const PAGE_BYTES = 128 * 1024
/** As many as a browser may ask for: see maxLast in src/websocket/limits.ts. */
const LATEST_PER_TYPE = 1000

/**
 * The event log as every instance sees it: one tail, the first occurrences in order for all subscribers, and the state derived from them
 * (ids seen, live instances, time). Siblings see the same, because this state is a function of the event log.
 */
export class EventLogView {
  /** Where the latest events of each type are. */
  readonly latest = new LatestOffsets({ types: EVENT_TYPES, perType: LATEST_PER_TYPE })
  /** Random reads of the event log. */
  readonly reads: LogReads
  readonly #deps: EventLogViewDeps
  readonly #options: EventLogViewOptions
  readonly #seen: FirstOccurrence
  readonly #recent = new RecentRecords(RECENT_RECORDS)
  readonly #siblings: Siblings
  readonly #eventLogClock: EventLogClock
  readonly #subscribers: Subscribers
  readonly #ids = new Listeners<string>()
  readonly #tail: EventLogTail
  readonly #read: (records: readonly KafkaRecord[]) => EventEntry[]
  /** The same for entries from before the start. For most of them only the id is needed. */
  readonly #readBack: (records: readonly KafkaRecord[]) => EventEntry[]
  readonly #watchClock: (record: KafkaRecord) => void
  readonly #passedOver: PassedOver
  readonly #ended = new AbortController()
  /** The end of the event log at the start: entries before it are read back. Undefined until it is known. */
  #newFrom: bigint | undefined

  constructor(options: EventLogViewOptions, deps: EventLogViewDeps) {
    const { log, metrics, clock } = deps
    this.#options = options
    this.#deps = deps
    this.#seen = new FirstOccurrence(options)
    this.#siblings = new Siblings({ instanceId: options.instanceId, recordLifetimeMs: INSTANCE_RECORD_LIFETIME_MS })
    this.#eventLogClock = new EventLogClock({ clock })
    this.#subscribers = new Subscribers({ onError: (error) => log.error({ err: error }, 'a subscriber of the event log failed') })
    this.#watchClock = createClockWatch({ log, clock, count: (topic) => metrics.timestampsAhead.inc({ topic }) })
    this.#passedOver = new PassedOver({ metrics, log })
    this.reads = createLogReads(deps)
    const reading = {
      decode: deps.decode,
      observe: (event: LogEvent, record: KafkaRecord) => this.#observe(event, record),
      onUnreadable: (record: KafkaRecord, error: unknown) => this.#passedOver.unreadable(record, error),
      onUnknownType: (record: KafkaRecord) => this.#passedOver.unknownType(record),
    }
    this.#read = readEvents(reading)
    this.#readBack = readEvents({ ...reading, skip: (record) => this.#skip(record) })
    this.#tail = deps.openTail({
      onRecords: (records, next) => this.#take(records, next),
      onGap: (gap) => this.#gap(gap),
    })
  }

  /** Resolves when the last window of the event log has been read back. */
  async start(): Promise<void> {
    const { from, end } = await this.#untilFound()
    this.#newFrom = end
    this.latest.begin(from)
    this.#seen.passed(from)
    if (end === from) await this.#subscribers.position(end)
    await this.#tail.start(from)
    if (end > from) await this.#seen.reached(end - 1n, this.#ended.signal)
  }

  /** Resolves when this bridge may write to the event log: see ownership.ts. */
  async untilOurs(): Promise<void> {
    await this.#deps.ownership.untilOurs()
  }

  async stop(): Promise<void> {
    this.#ended.abort(new Error('the event log has stopped'))
    this.#deps.ownership.stop()
    this.#seen.stop()
    this.#passedOver.stop()
    await Promise.all([this.#tail.stop(), this.#deps.reader.stop()])
  }

  /** Returns the undo. */
  subscribe(subscriber: EventLogSubscriber): () => void {
    return this.#subscribers.add(subscriber)
  }

  /** Calls the listener with the id of each event in the tail, copies too; returns the undo. */
  onId(listener: (id: string) => void): () => void {
    return this.#ids.add(listener)
  }

  isSeen(id: string): boolean {
    return this.#seen.has(id)
  }

  /** Whether a peer id belongs to an instance of this bridge. */
  isSibling(peerId: string): boolean {
    return this.#siblings.isSibling(peerId)
  }

  /** The peer id of this instance, once its record is in the event log; null for an instance without a libp2p host. */
  ownPeerId(): string | null {
    return this.#siblings.peerIdOf(this.#options.instanceId)
  }

  /** The ids of the live instances, sorted. */
  liveInstances(): string[] {
    return this.#siblings.live()
  }

  /** The live instances with a record, by their ids. */
  instances(): LiveInstance[] {
    return this.#siblings.instances()
  }

  /** The peer ids of the live instances. */
  livePeerIds(): string[] {
    return this.#siblings.livePeerIds()
  }

  /** The time by the event log's broker, in milliseconds since the epoch. */
  now(): number {
    return this.#eventLogClock.now()
  }

  isLive(): boolean {
    return this.#tail.isLive()
  }

  position(): bigint {
    return this.#tail.position()
  }

  /** Whether the record at an offset is the first of its id. Rejects when the view stops before the tail has passed the offset. */
  async isFirst(id: string, offset: bigint): Promise<boolean> {
    await this.#seen.reached(offset)
    return this.#seen.isFirst(id, offset)
  }

  /** Records from an offset on; waits until the tail has passed it. */
  async readBehindTail(from: bigint, maxRecords: number): Promise<{ records: readonly KafkaRecord[]; next: bigint }> {
    await this.#seen.reached(from)
    // Close behind the tail no request to Kafka is needed: the tail has just read these records.
    const recent = this.#recent.from(from, maxRecords)
    const last = recent?.at(-1)
    return recent && last ? { records: recent, next: last.offset + 1n } : this.#deps.reader.read(from, { maxBytes: PAGE_BYTES })
  }

  /** The record at an offset, or the first one after it, if one exists. */
  async recordAt(offset: bigint): Promise<KafkaRecord | undefined> {
    const recent = this.#recent.from(offset, 1)
    if (recent) return recent[0]
    return (await this.#deps.reader.read(offset, { maxBytes: PAGE_BYTES })).records[0]
  }

  bounds(): Promise<{ low: bigint; high: bigint }> {
    return this.#deps.reader.bounds()
  }

  /** Resolves when the tail has passed an offset; rejects when the view stops before. */
  passed(offset: bigint): Promise<void> {
    return this.#seen.reached(offset)
  }

  /** Retries without limit: Kafka may start after the bridge, and the topic may not exist yet. */
  async #untilFound(): Promise<ReadBack> {
    const { signal } = this.#ended
    for (;;) {
      try {
        return await findReadBack(this.#deps.reader, this.#options.windowMs)
      } catch (error) {
        signal.throwIfAborted()
        this.#deps.health.notReady(`the event log cannot be read yet: ${error instanceof Error ? error.message : error}`)
        await sleep(RETRY_MS, signal)
        signal.throwIfAborted()
      }
    }
  }

  async #take(records: readonly KafkaRecord[], next: bigint): Promise<void> {
    for (const record of records) this.#watchClock(record)
    this.#recent.push(records) // first, because the callers that wait for an offset are woken below
    const newFrom = this.#newFrom
    const isReadBack = newFrom === undefined || next <= newFrom
    const entries = isReadBack ? this.#readBack(records) : this.#read(records)
    this.#seen.passed(next) // offsets without a record may follow the last record
    const last = records.at(-1)
    if (!isReadBack && last) this.#eventLogClock.observe(last)
    await this.#subscribers.answer({ entries, next, newFrom: newFrom ?? next + 1n })
  }

  /** True for an event from before the start whose content nobody needs: only its id is recorded. */
  #skip(record: KafkaRecord): boolean {
    const head = this.#deps.peek(record)
    if (!head || !ID_IS_ENOUGH.has(head.type)) return false
    if (head.type === 'subtree' && record.offset >= (this.#newFrom ?? 0n) - BigInt(this.#options.subtreesReadBack)) return false
    this.#observeId(head, record)
    return true
  }

  /** Only timestamps of the broker advance the event log's time, not those of a producer. */
  #observeId({ id, type }: { id: string; type: string }, { offset, timestamp, isProducerTime }: KafkaRecord): boolean {
    const time = isProducerTime ? Number.NEGATIVE_INFINITY : timestamp
    this.#siblings.advance(time)
    const isFirst = this.#seen.observe(id, offset, time)
    if (isFirst) this.latest.add(type, offset)
    this.#ids.emit(id)
    return isFirst
  }

  #observe(event: LogEvent, record: KafkaRecord): boolean {
    const isFirst = this.#observeId(event, record)
    if (isFirst && event.type === 'instance') {
      this.#deps.ownership.observe(event)
      if (this.#deps.ownership.isOurs(event)) this.#siblings.observe(event.instance) // an instance of another bridge is not a sibling
    }
    return isFirst
  }

  async #gap(gap: EventLogGap): Promise<void> {
    const { requested, next, reason } = gap
    this.#recent.restart()
    if (reason === 'truncated') {
      this.#seen.truncate(next)
      this.latest.truncate(next)
    }
    if (reason === 'topic-made-anew') {
      this.#seen.restart()
      this.latest.begin(next)
      this.#deps.ownership.restart()
    }
    const isOtherEnd = reason === 'truncated' || reason === 'topic-made-anew'
    if (isOtherEnd && this.#newFrom !== undefined) this.#newFrom = next // all later entries are new, whatever their offset
    this.#seen.passed(next)
    this.#deps.log.warn({ requested: requested.toString(), next: next.toString(), reason }, 'a gap in the event log')
    await this.#subscribers.gap(gap)
  }
}
