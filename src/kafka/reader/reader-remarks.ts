import type { Logger } from 'pino'
import type { Clock } from '../../lifecycle/clock.ts'
import type { KafkaMetrics } from '../../telemetry/kafka-metrics.ts'
import type { FetchedPartition } from '../wire/fetched-partition.ts'

export interface ReaderRemarksOptions {
  /** The consumer group for which the partitions are read; none for a tail. Both groups of a bridge read the same topics. */
  readonly group?: string
}

export interface ReaderRemarksDeps {
  readonly clock: Pick<Clock, 'steady'>
  readonly log: Logger
  readonly metrics: Pick<KafkaMetrics, 'openTransaction' | 'throttled'>
}

/** An open transaction at which a reader waits. */
export interface Stall {
  /** The last stable offset: the first record of the transaction. */
  readonly offset: bigint
  readonly sinceMs: number
}

interface Held {
  readonly topic: string
  readonly partition: number
  readonly offset: bigint
  readonly since: number
  isReported: boolean
}

type Answer = Pick<FetchedPartition, 'topic' | 'partition' | 'nextOffset' | 'lastStableOffset' | 'highWatermark'>

/** Transactions end within seconds; one that is open longer most likely hangs, and an operator has to end it. */
const REPORT_STALL_AFTER_MS = 30_000
/** How long a remark about quotas stays after the last throttled answer. */
const THROTTLED_REMARK_MS = 15_000

/** Reasons why healthy readers wait: open transactions and quotas. Reported in readiness, metrics and the log. */
export class ReaderRemarks {
  readonly #options: ReaderRemarksOptions
  readonly #deps: ReaderRemarksDeps
  readonly #held = new Map<string, Held>()
  #throttledUntil = Number.NEGATIVE_INFINITY
  #throttledSince = 0

  constructor(options: ReaderRemarksOptions, deps: ReaderRemarksDeps) {
    this.#options = options
    this.#deps = deps
  }

  /** Call it for each answer about a partition. */
  answered({ topic, partition, nextOffset, lastStableOffset, highWatermark }: Answer): void {
    const key = `${topic}:${partition}`
    const before = this.#held.get(key)
    if (nextOffset < lastStableOffset || lastStableOffset >= highWatermark) {
      if (before) this.forget(topic, partition)
      return
    }
    const now = this.#deps.clock.steady()
    const held =
      before?.offset === lastStableOffset ? before : { topic, partition, offset: lastStableOffset, since: now, isReported: false }
    this.#held.set(key, held)
    this.#deps.metrics.openTransaction.set(this.#labels(topic, partition), (now - held.since) / 1000)
    if (held.isReported || now - held.since < REPORT_STALL_AFTER_MS) return
    held.isReported = true
    const fields = { ...this.#options, topic, partition, offset: `${held.offset}` }
    this.#deps.log.warn(fields, 'an open transaction holds up the readers of a partition')
  }

  /** Call it for each throttled answer: a quota delays the reader by `ms`. */
  throttled(topic: string, ms: number): void {
    const now = this.#deps.clock.steady()
    if (!this.#isThrottled(now)) {
      this.#throttledSince = now
      this.#deps.log.warn({ topic, ms }, 'a quota of the cluster slows down reading')
    }
    this.#throttledUntil = now + ms
    this.#deps.metrics.throttled.inc({ topic }, ms / 1000)
  }

  /** The partition is no longer read. */
  forget(topic: string, partition: number): void {
    if (!this.#held.delete(`${topic}:${partition}`)) return
    this.#deps.metrics.openTransaction.remove(this.#labels(topic, partition))
  }

  stop(): void {
    for (const { topic, partition } of this.#held.values()) this.forget(topic, partition)
  }

  /** The open transaction at which the partition waits, from the first moment on. */
  stall(topic: string, partition: number): Stall | undefined {
    const held = this.#held.get(`${topic}:${partition}`)
    return held && { offset: held.offset, sinceMs: this.#deps.clock.steady() - held.since }
  }

  /** Remark for the operator while the part is ready; undefined without one. */
  text(): string | undefined {
    const now = this.#deps.clock.steady()
    const remarks = [...this.#held.values()].flatMap(({ topic, partition, offset, since }) => {
      if (now - since < REPORT_STALL_AFTER_MS) return []
      const seconds = Math.round((now - since) / 1000)
      return [
        `a transaction that is open for ${seconds} s holds ${topic}:${partition} at offset ${offset}: find its producer, or end it with kafka-transactions`,
      ]
    })
    if (this.#isThrottled(now)) remarks.push(this.#quotaRemark(now))
    return remarks.length === 0 ? undefined : remarks.join('; ')
  }

  #labels(topic: string, partition: number) {
    return { ...this.#options, topic, partition: `${partition}` }
  }

  #isThrottled(now: number): boolean {
    return now < this.#throttledUntil + THROTTLED_REMARK_MS
  }

  #quotaRemark(now: number): string {
    const seconds = Math.round((now - this.#throttledSince) / 1000)
    return `a quota of the cluster (consumer_byte_rate or request_percentage) has slowed down reading for ${seconds} s: raise it for the bridge's user or client id`
  }
}
