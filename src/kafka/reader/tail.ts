import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { Clock } from '../../lifecycle/clock.ts'
import type { PartHealth } from '../../lifecycle/health.ts'
import { sleep } from '../../lifecycle/time.ts'
import type { KafkaMetrics } from '../../telemetry/kafka-metrics.ts'
import type { KafkaConnection } from '../client/connection.ts'
import { createFreezeWatch, type FreezeWatch } from '../client/freeze-watch.ts'
import { isOutOfRange, PartitionLink } from '../client/partition-link.ts'
import { TopicLink } from '../client/topic-link.ts'
import type { KafkaRecord } from '../record.ts'
import { describeUndecodable, type FetchedPartition } from '../wire/fetched-partition.ts'
import { PartitionPosition, type PositionMove } from './partition-position.ts'
import { ReaderRemarks, type Stall } from './reader-remarks.ts'
import { TailTrouble } from './tail-trouble.ts'

/** `time` is in milliseconds since the epoch. */
export type StartPoint = 'earliest' | 'latest' | bigint | { readonly time: number }

export interface TailOptions {
  /** A topic with one partition: partition 0 is read. */
  readonly topic: string
  readonly maxWaitMs?: number
  readonly maxBytes?: number
  /** Size of one answer until the end is reached; default `maxBytes`, if that is given. */
  readonly catchUpBytes?: number
  /** How long after its request an answer that reached the end proves that all records are known. */
  readonly liveMs?: number
}

/** Records are missing between `requested` and `next`. After `truncated`, `next` may be lower, and the records from it on are new. */
export interface TailGap {
  readonly requested: bigint
  readonly next: bigint
  readonly reason: PositionMove['reason'] | 'undecodable'
}

export interface TailDeps {
  readonly kafka: KafkaConnection
  readonly log: Logger
  readonly metrics: KafkaMetrics
  readonly health?: PartHealth
  readonly clock: Pick<Clock, 'steady'>
  /**
   * Called for every answer that moved the position, for a large one in portions: the records in order, each once while the tail runs,
   * and the offset after them. There may be no records, as with a compacted, aborted or control batch. The next read waits for it. An error is logged and
   * does not stop the tail.
   */
  readonly onRecords: (records: readonly KafkaRecord[], next: bigint) => void | Promise<void>
  /** Called when records are missing between the last ones delivered and the next. */
  readonly onGap: (gap: TailGap) => void | Promise<void>
}

/** Follows a topic of one partition without a group until it is stopped, whatever happens to the brokers. */
export interface Tail {
  /** Resolves when the first offset is known; retries without limit until then or until `stop`. */
  start(from: StartPoint): Promise<void>
  /** The offset to read next. */
  position(): bigint
  /** True when its last answer reached the last stable offset and was requested less than a second ago, or a quota slows it down. */
  isLive(): boolean
  /** The open transaction at which it waits, from the first moment on. */
  stall(): Stall | undefined
  seek(offset: bigint): void
  stop(): Promise<void>
}

const LIVE_MS = 1000
/**
 * A start may have to read back 100 MB: this size needs a quarter of the round trips, and a batch of twelve thousand events is some 40
 * ms of work.
 */
const CATCH_UP_BYTES = 4 << 20
const STOP_DEADLINE_MS = 2000
/** Some 20 ms of work for a listener that decodes events. */
const PORTION_RECORDS = 4096
/** A topic cannot be deleted and created again between two answers closer than this: the second one would be an error. */
const SAME_TOPIC_MS = 100

export function createTail(options: TailOptions, deps: TailDeps): Tail {
  return new TopicTail(options, deps)
}

class TopicTail implements Tail {
  readonly #options: Required<TailOptions>
  readonly #deps: TailDeps
  readonly #clock: Pick<Clock, 'steady'>
  readonly #topicLink: TopicLink
  readonly #link: PartitionLink
  readonly #freeze: FreezeWatch
  readonly #remarks: ReaderRemarks
  readonly #trouble: TailTrouble
  readonly #ended = new AbortController()
  #position = new PartitionPosition({ next: 0n })
  #loop: Promise<void> | undefined
  #isAtEnd = false
  #wasAtEnd = false
  #liveAskedAt = Number.NEGATIVE_INFINITY
  #throttledUntil = Number.NEGATIVE_INFINITY
  #answeredAt = Number.NEGATIVE_INFINITY

  constructor(options: TailOptions, deps: TailDeps) {
    const { kafka, clock } = deps
    const { topic } = options
    this.#options = { maxWaitMs: 250, maxBytes: 1 << 20, catchUpBytes: options.maxBytes ?? CATCH_UP_BYTES, liveMs: LIVE_MS, ...options }
    this.#deps = deps
    this.#clock = clock
    this.#freeze = createFreezeWatch(() => clock.steady())
    this.#topicLink = new TopicLink({ topic }, { kafka, clock, wasFrozen: () => this.#freeze.wasFrozen() })
    this.#link = new PartitionLink({ topic, partition: 0 }, { link: this.#topicLink })
    this.#remarks = new ReaderRemarks({}, { ...deps, clock })
    this.#trouble = new TailTrouble({ topic, brokers: kafka.brokers }, { ...deps, clock, signal: this.#ended.signal })
  }

  async start(from: StartPoint): Promise<void> {
    while (!this.#ended.signal.aborted) {
      try {
        this.#position = new PartitionPosition({ next: await this.#find(from) })
        break
      } catch (error) {
        await this.#trouble.failed(error)
      }
    }
    if (!this.#ended.signal.aborted) this.#loop = this.#follow()
  }

  position(): bigint {
    return this.#position.next
  }

  isLive(): boolean {
    const now = this.#clock.steady()
    if (this.#wasAtEnd && now < this.#throttledUntil + this.#options.liveMs) return true
    return this.#isAtEnd && now - this.#liveAskedAt < this.#options.liveMs
  }

  stall(): Stall | undefined {
    return this.#remarks.stall(this.#options.topic, 0)
  }

  seek(offset: bigint): void {
    this.#position.seek(offset)
    this.#notLive()
  }

  async stop(): Promise<void> {
    this.#ended.abort()
    this.#notLive()
    this.#freeze.stop()
    this.#remarks.stop()
    await Promise.all([this.#topicLink.close(), this.#loop && waitAtMost(this.#loop, STOP_DEADLINE_MS)])
  }

  async #find(from: StartPoint): Promise<bigint> {
    if (typeof from === 'bigint') return from
    if (from === 'earliest') return this.#link.earliest()
    return from === 'latest' ? this.#link.latest() : this.#link.offsetAt(from.time)
  }

  async #follow(): Promise<void> {
    const { signal } = this.#ended
    while (!signal.aborted) {
      try {
        const move = await this.#readOn()
        if (move && !signal.aborted) await this.#gap(move)
      } catch (error) {
        if (!signal.aborted) await this.#handleFailure(error)
      }
    }
  }

  /** One read. Returns a move when the position had to change first. */
  async #readOn(): Promise<PositionMove | undefined> {
    const { maxWaitMs, maxBytes, catchUpBytes } = this.#options
    const position = this.#position
    const moved = await this.#moveOf(position)
    if (moved) return moved
    const requested = position.next
    const askedAt = this.#clock.steady()
    const { throttledMs, fetched } = await this.#link.fetch(requested, { maxWaitMs, maxBytes: this.#wasAtEnd ? maxBytes : catchUpBytes })
    if (this.#ended.signal.aborted) return undefined
    const isStillWanted = fetched !== undefined && position.next === requested // a seek may have come in between
    const parted = isStillWanted && position.isDoubtful(fetched) ? await position.checkEpoch(fetched, this.#link) : undefined
    this.#answered(throttledMs)
    if (parted) return parted
    if (isStillWanted && position.next === requested) await this.#take(fetched, requested, askedAt)
    if (throttledMs > 0) await sleep(throttledMs, this.#ended.signal)
    return undefined
  }

  /** Where the position has to go before the next read; a leader changes only with a failed read. */
  async #moveOf(position: PartitionPosition): Promise<PositionMove | undefined> {
    if (this.#trouble.isFailing()) return position.confirm(this.#link)
    const mayBeAnotherTopic = this.#clock.steady() - this.#answeredAt > SAME_TOPIC_MS
    return mayBeAnotherTopic ? position.checkTopic(this.#link) : undefined
  }

  #answered(throttledMs: number): void {
    this.#answeredAt = this.#clock.steady()
    if (throttledMs > 0) {
      this.#throttledUntil = this.#answeredAt + throttledMs
      this.#remarks.throttled(this.#options.topic, throttledMs)
    }
    this.#trouble.recovered()
    this.#deps.health?.ready(this.#remarks.text())
  }

  async #take(fetched: FetchedPartition, requested: bigint, askedAt: number): Promise<void> {
    const { topic } = this.#options
    const { metrics, log } = this.#deps
    const { records, undecodable, nextOffset, lastStableOffset, highWatermark } = fetched
    this.#position.advance(fetched)
    this.#remarks.answered(fetched)
    let handedOn = 0
    for (const batch of undecodable) {
      const behind = records.findIndex((record) => record.offset > batch.lastOffset)
      const until = behind < 0 ? records.length : behind
      if (until > handedOn) await this.#handOn(records.slice(handedOn, until), batch.firstOffset)
      handedOn = until
      metrics.tailUndecodable.inc({ topic }, Math.max(1, batch.records))
      log.warn({ topic, reason: describeUndecodable(batch) }, 'records skipped')
      await this.#gap({ requested: batch.firstOffset, next: batch.lastOffset + 1n, reason: 'undecodable' })
    }
    const rest = handedOn === 0 ? records : records.slice(handedOn)
    if (rest.length > 0 || nextOffset > requested) await this.#handOn(rest, nextOffset)
    this.#isAtEnd = nextOffset >= lastStableOffset
    this.#wasAtEnd ||= this.#isAtEnd
    this.#liveAskedAt = askedAt
    metrics.tailLag.set({ topic }, Math.max(0, Number(highWatermark - nextOffset)))
  }

  /** In portions, between which other work gets its turn: a batch may have a hundred thousand records. */
  async #handOn(records: KafkaRecord[], next: bigint): Promise<void> {
    this.#deps.metrics.tailRecords.inc({ topic: this.#options.topic }, records.length)
    const end = this.#position.next
    let at = 0
    for (; records.length - at > PORTION_RECORDS; at += PORTION_RECORDS) {
      const portion = records.slice(at, at + PORTION_RECORDS)
      await this.#callSafely('onRecords', () => this.#deps.onRecords(portion, records[at + PORTION_RECORDS]?.offset ?? next))
      await nextTurn()
      if (this.#ended.signal.aborted || this.#position.next !== end) return // stopped, or moved by a seek
    }
    await this.#callSafely('onRecords', () => this.#deps.onRecords(at === 0 ? records : records.slice(at), next))
  }

  async #handleFailure(error: unknown): Promise<void> {
    this.#deps.metrics.tailErrors.inc({ topic: this.#options.topic })
    if (!isOutOfRange(error)) return this.#trouble.failed(error)
    try {
      const move = await this.#position.findPlace(this.#link)
      if (!move) return await this.#trouble.failed(error)
      await this.#gap(move)
    } catch (cause) {
      await this.#trouble.failed(cause)
    }
  }

  async #gap(gap: TailGap): Promise<void> {
    const { topic } = this.#options
    this.#deps.metrics.tailGaps.inc({ topic })
    if (gap.reason !== 'undecodable') {
      this.#notLive()
      this.#deps.log.warn({ topic, reason: gap.reason, requested: `${gap.requested}`, next: `${gap.next}` }, 'gap in the tail')
    }
    await this.#callSafely('onGap', () => this.#deps.onGap(gap))
  }

  #notLive(): void {
    this.#isAtEnd = false
    this.#wasAtEnd = false
  }

  /** An error of our own code is not the broker's: it must not move the position or cause a search for another leader. */
  async #callSafely(name: string, callback: () => void | Promise<void>): Promise<void> {
    try {
      await callback()
    } catch (error) {
      this.#deps.log.error({ err: error, topic: this.#options.topic, callback: name }, 'a listener of the tail failed')
    }
  }
}

async function waitAtMost(work: Promise<void>, ms: number): Promise<void> {
  const done = new AbortController()
  void work.finally(() => done.abort())
  await sleep(ms, done.signal)
}
