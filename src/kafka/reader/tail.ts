import type { Logger } from 'pino'
import type { PartHealth } from '../../lifecycle/health.ts'
import { createBackOff, sleep } from '../../lifecycle/time.ts'
import type { KafkaMetrics } from '../../telemetry/kafka-metrics.ts'
import type { KafkaConnection } from '../client/connection.ts'
import { type FetchAnswer, fetchRecords } from '../client/fetch-request.ts'
import { createFreezeWatch, type FreezeWatch } from '../client/freeze-watch.ts'
import { type Leader, TopicLink } from '../client/topic-link.ts'
import { describeTrouble, kafkaErrorType, troubleOf } from '../client/trouble.ts'
import type { KafkaRecord } from '../record.ts'
import { type StartPoint, TailPosition } from './tail-position.ts'

export interface TailOptions {
  /** Its partition 0 is read: for topics of one partition. */
  readonly topic: string
  readonly maxWaitMs?: number
  readonly maxBytes?: number
}

export interface TailGap {
  readonly requested: bigint
  readonly next: bigint
  readonly reason: 'expired' | 'topic-made-anew' | 'truncated' | 'undecodable'
}

export interface TailDeps {
  readonly kafka: KafkaConnection
  readonly log: Logger
  readonly metrics: KafkaMetrics
  readonly health?: PartHealth
  /**
   * Called for every answer that moved the position: the records in order, each once while the tail runs, and the offset behind the
   * answer. There may be no records, as behind a compacted, an aborted or a control batch. The next read waits for it. What it
   * throws is logged and does not stop the tail.
   */
  readonly onRecords: (records: readonly KafkaRecord[], next: bigint) => void | Promise<void>
  /** Hears every answer, empty ones too, after its records were handed on. `askedAt` is by `performance.now()`. */
  readonly onAnswer?: (answer: { askedAt: number; reachedEnd: boolean }) => void
  /** Hears where records are missing between what was handed on and what comes next. */
  readonly onGap: (gap: TailGap) => void | Promise<void>
}

/** Follows a topic of one partition without a group, for as long as it runs, whatever happens to the brokers. */
export interface Tail {
  /** Resolves when the first offset is known; tries for ever until then or until `stop`. */
  start(from: StartPoint): Promise<void>
  /** The offset of the record that comes next. */
  position(): bigint
  /** Its last answer reached the end of the topic and was asked for less than a second ago. */
  isLive(): boolean
  seek(offset: bigint): void
  stop(): Promise<void>
}

const LIVE_MS = 1000
const FIRST_RETRY_MS = 50
/** Short, because readers stand still for it after a leader that moved in order: with a second they stood for 1.5 s. */
const LONGEST_RETRY_MS = 250
/** A fail-over takes seconds and heals itself; what needs an operator is said sooner. */
const SAY_AWAY_AFTER_MS = 5000
const SAY_OTHERS_AFTER_MS = 1000
const STOP_DEADLINE_MS = 2000

export function createTail(options: TailOptions, deps: TailDeps): Tail {
  return new TopicTail(options, deps)
}

class TopicTail implements Tail {
  readonly #options: Required<TailOptions>
  readonly #deps: TailDeps
  readonly #link: TopicLink
  readonly #freeze: FreezeWatch
  readonly #place: TailPosition
  readonly #ended = new AbortController()
  readonly #backOff = createBackOff(FIRST_RETRY_MS, LONGEST_RETRY_MS)
  #loop: Promise<void> | undefined
  #liveAskedAt = Number.NEGATIVE_INFINITY
  #isAtEnd = false
  #failingSince: number | undefined
  #said: string | undefined

  constructor(options: TailOptions, deps: TailDeps) {
    this.#options = { maxWaitMs: 250, maxBytes: 1 << 20, ...options }
    this.#deps = deps
    this.#freeze = createFreezeWatch()
    this.#link = new TopicLink({ topic: options.topic }, { kafka: deps.kafka, wasFrozen: () => this.#freeze.wasFrozen() })
    this.#place = new TailPosition(this.#link)
  }

  async start(from: StartPoint): Promise<void> {
    while (!this.#ended.signal.aborted) {
      try {
        await this.#place.locate(from)
        break
      } catch (error) {
        await this.#failed(error)
      }
    }
    if (!this.#ended.signal.aborted) this.#loop = this.#follow()
  }

  position(): bigint {
    return this.#place.next
  }

  isLive(): boolean {
    return this.#isAtEnd && performance.now() - this.#liveAskedAt < LIVE_MS
  }

  seek(offset: bigint): void {
    this.#place.seek(offset)
    this.#isAtEnd = false
  }

  async stop(): Promise<void> {
    this.#ended.abort()
    this.#isAtEnd = false
    this.#freeze.stop()
    await Promise.all([this.#link.close(), this.#loop && waitAtMost(this.#loop, STOP_DEADLINE_MS)])
  }

  async #follow(): Promise<void> {
    const { signal } = this.#ended
    while (!signal.aborted) {
      const requested = this.#place.next
      const askedAt = performance.now()
      try {
        const answer = await this.#ask(requested)
        if (signal.aborted) return
        if (this.#place.next !== requested) continue // seek came in between
        await this.#take(answer, requested, askedAt)
        this.#recovered()
      } catch (error) {
        if (!signal.aborted) await this.#handleFailure(error, requested)
      }
    }
  }

  async #ask(offset: bigint): Promise<FetchAnswer> {
    const { topic, maxBytes, maxWaitMs } = this.#options
    let leader: Leader | undefined
    try {
      leader = await this.#link.leader(0)
      await this.#verify(leader)
      return await fetchRecords(leader.broker, { topic, partition: 0, offset, maxBytes, maxWaitMs })
    } catch (error) {
      if (!isOutOfRange(error)) this.#link.failed(0, error, leader)
      throw error
    }
  }

  /** After trouble the topic may be another one of the same name, in which our offset means something else. */
  async #verify(leader: Leader): Promise<void> {
    if (this.#failingSince === undefined) return
    const { topic } = this.#options
    const requested = this.#place.next
    const isSame = await this.#place.isSameTopic((last) => this.#recordAt(leader, last.offset))
    if (isSame || this.#place.next !== requested) return
    await this.#place.locate('earliest')
    await this.#gap({ requested, next: this.#place.next, reason: 'topic-made-anew' })
    throw new Error(`topic ${topic} was made anew`) // asks again, from the new position
  }

  /** Undefined where the offset is no longer, or not yet, in the topic. */
  async #recordAt({ broker }: Leader, offset: bigint): Promise<KafkaRecord | undefined> {
    const { topic, maxBytes } = this.#options
    try {
      const answer = await fetchRecords(broker, { topic, partition: 0, offset, maxBytes, maxWaitMs: 0 })
      return answer.records[0]
    } catch (error) {
      if (isOutOfRange(error)) return undefined
      throw error
    }
  }

  async #take(answer: FetchAnswer, requested: bigint, askedAt: number): Promise<void> {
    const { topic } = this.#options
    const { metrics, log, onAnswer } = this.#deps
    const { records, highWatermark } = answer
    this.#place.advance(answer.next, records.at(-1))
    let handedOn = 0
    for (const fault of answer.undecodable) {
      const before = records.findIndex((record) => record.offset > fault.lastOffset)
      const until = before < 0 ? records.length : before
      if (until > handedOn) await this.#handOn(records.slice(handedOn, until), fault.firstOffset)
      handedOn = until
      log.warn({ topic, reason: fault.message }, 'records skipped')
      await this.#gap({ requested: fault.firstOffset, next: fault.lastOffset + 1n, reason: 'undecodable' })
    }
    metrics.tailUndecodable.inc({ topic }, answer.undecodableRecords)
    const rest = handedOn === 0 ? records : records.slice(handedOn)
    if (rest.length > 0 || answer.next > requested) await this.#handOn(rest, answer.next)
    const reachedEnd = answer.next >= highWatermark
    this.#isAtEnd = reachedEnd
    this.#liveAskedAt = askedAt
    metrics.tailLag.set({ topic }, Number(reachedEnd ? 0n : highWatermark - answer.next))
    await this.#callSafely('onAnswer', () => onAnswer?.({ askedAt, reachedEnd }))
  }

  async #handOn(records: KafkaRecord[], next: bigint): Promise<void> {
    this.#deps.metrics.tailRecords.inc({ topic: this.#options.topic }, records.length)
    await this.#callSafely('onRecords', () => this.#deps.onRecords(records, next))
  }

  async #handleFailure(error: unknown, requested: bigint): Promise<void> {
    this.#deps.metrics.tailErrors.inc({ topic: this.#options.topic })
    if (!isOutOfRange(error)) return this.#failed(error)
    try {
      const reason = await this.#place.reset(requested)
      if (reason) await this.#gap({ requested, next: this.#place.next, reason })
    } catch (cause) {
      await this.#failed(cause)
    }
  }

  async #failed(error: unknown): Promise<void> {
    const { kafka, log, health } = this.#deps
    const { topic } = this.#options
    const now = performance.now()
    this.#failingSince ??= now
    log.debug({ err: error, topic }, 'a read of the tail failed')
    const patienceMs = troubleOf(error) === 'away' ? SAY_AWAY_AFTER_MS : SAY_OTHERS_AFTER_MS
    if (now - this.#failingSince >= patienceMs) {
      const reason = describeTrouble(error, { brokers: kafka.brokers, topics: [topic] })
      if (reason !== this.#said) log.debug({ topic, reason }, 'tail waits') // the part's state is logged where it is kept
      this.#said = reason
      health?.notReady(reason)
    }
    await sleep(this.#backOff.next(), this.#ended.signal)
  }

  #recovered(): void {
    this.#backOff.reset()
    if (this.#said !== undefined) this.#deps.log.debug({ topic: this.#options.topic }, 'tail goes on')
    this.#said = undefined
    this.#failingSince = undefined
    this.#deps.health?.ready()
  }

  async #gap(gap: TailGap): Promise<void> {
    const { topic } = this.#options
    this.#deps.metrics.tailGaps.inc({ topic })
    if (gap.reason !== 'undecodable')
      this.#deps.log.warn({ topic, reason: gap.reason, requested: `${gap.requested}`, next: `${gap.next}` }, 'gap in the tail')
    await this.#callSafely('onGap', () => this.#deps.onGap(gap))
  }

  /** A fault of ours is not the broker's: it must not move the position or look for another leader. */
  async #callSafely(name: string, callback: () => void | Promise<void>): Promise<void> {
    try {
      await callback()
    } catch (error) {
      this.#deps.log.error({ err: error, topic: this.#options.topic, callback: name }, 'a listener of the tail failed')
    }
  }
}

function isOutOfRange(error: unknown): boolean {
  return kafkaErrorType(error) === 'OFFSET_OUT_OF_RANGE'
}

async function waitAtMost(work: Promise<void>, ms: number): Promise<void> {
  const done = new AbortController()
  void work.finally(() => done.abort())
  await sleep(ms, done.signal)
}
