import type { Logger } from 'pino'
import type { Clock } from '../../lifecycle/clock.ts'
import { createBackOff, sleep, unlessAborted } from '../../lifecycle/time.ts'
import type { KafkaMetrics } from '../../telemetry/kafka-metrics.ts'
import { NoPartitionError } from '../client/topic-link.ts'
import { troubleOf } from '../client/trouble.ts'
import type { Ack, OutgoingRecord } from '../record.ts'
import type { PartitionWriter } from './partition-writer.ts'
import { ProducerStoppedError, RecordRefusedError } from './producer-errors.ts'
import { ThrottledError } from './throttle.ts'

export interface LaneOptions {
  readonly topic: string
  readonly partition: number
  /** 0 waits for all records that the same callback sends, in promises too: under load batches grow anyway while one is in flight. */
  readonly lingerMs: number
  readonly maxBatchRecords: number
}

export interface LaneDeps {
  readonly writer: PartitionWriter
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly log: Logger
  readonly metrics: KafkaMetrics
  readonly listener: LaneListener
}

export interface LaneListener {
  /** Called for each failed attempt of a batch and, with undefined, for each acknowledged one. */
  onTrouble(error: unknown): void
  /** Called with the pause that a quota asks of this lane, and with 0 when the quota no longer holds. */
  onThrottled(ms: number): void
  /** Takes back the waiting records, in order, when the topic no longer has this partition. */
  onPartitionGone(entries: readonly LaneEntry[]): void
}

export interface LaneEntry {
  readonly record: OutgoingRecord
  readonly size: number
  readonly resolve: (ack: Ack) => void
  readonly reject: (error: Error) => void
}

/** Below the brokers' default limit for a batch (1 MiB), with room for the overhead of the format. */
const MAX_BATCH_BYTES = 900_000
/** Upper bound on the pause that one batch may cost under a quota: batches shrink until their pause is within it. */
const THROTTLED_BATCH_MS = 1000
/** For this long a new leader may appear at any moment. A late instance finds that others have written its waiting records. */
const FAIL_OVER_MS = 15_000
const FAIL_OVER_RETRY_MS = 250

/**
 * The records of one partition on their way to its leader. One batch is in flight, and it is sent again with the same sequence number
 * until it is acknowledged. So the broker recognises a repeat, and no record overtakes another.
 */
export class Lane {
  readonly #options: LaneOptions
  readonly #deps: LaneDeps
  readonly #queue: LaneEntry[] = []
  #maxBatchBytes = MAX_BATCH_BYTES
  #isThrottled = false
  #isRunning = false

  constructor(options: LaneOptions, deps: LaneDeps) {
    this.#options = options
    this.#deps = deps
  }

  push(entry: LaneEntry): void {
    this.#queue.push(entry)
    if (this.#isRunning) return
    this.#isRunning = true
    void this.#run()
  }

  async #run(): Promise<void> {
    const { signal } = this.#deps
    if (this.#options.lingerMs > 0) await sleep(this.#options.lingerMs, signal)
    else await endOfCallback()
    do {
      while (this.#queue.length > 0 && !signal.aborted) await this.#deliver(this.#takeBatch())
      if (this.#isThrottled) await this.#pauseIsOver()
    } while (this.#queue.length > 0 && !signal.aborted)
    for (const entry of this.#queue.splice(0)) entry.reject(stopped())
    this.#isRunning = false
  }

  #takeBatch(): LaneEntry[] {
    let bytes = 0
    let count = 0
    for (const { size } of this.#queue) {
      if (count > 0 && (count >= this.#options.maxBatchRecords || bytes + size > this.#maxBatchBytes)) break
      bytes += size
      count += 1
    }
    return this.#queue.splice(0, count)
  }

  async #deliver(batch: LaneEntry[]): Promise<void> {
    const { clock, signal, metrics, listener, writer } = this.#deps
    const backOff = createBackOff(50, 1000)
    const startedAt = clock.steady()
    while (!signal.aborted) {
      try {
        const records = batch.map(({ record }) => record)
        const written = await unlessAborted(writer.write(records, signal), signal)
        this.#acknowledge(batch, written.firstOffset, startedAt)
        this.#heed(written.throttleMs, batch)
        return listener.onTrouble(undefined)
      } catch (error) {
        if (signal.aborted) break
        if (error instanceof ThrottledError) continue
        if (error instanceof NoPartitionError) return listener.onPartitionGone([...batch, ...this.#queue.splice(0)])
        const trouble = troubleOf(error)
        if (trouble === 'duplicate') return this.#acknowledge(batch, -1n, startedAt)
        if (trouble === 'refused') return this.#divide(batch, error)
        if (trouble === 'forgotten') this.#forgetIdentity(error)
        metrics.laneRetries.inc({ topic: this.#options.topic })
        this.#deps.log.debug({ err: error, ...this.#options }, 'a batch was not written, it is sent again')
        listener.onTrouble(error)
        const mayFailOver = clock.steady() - startedAt < FAIL_OVER_MS
        await sleep(Math.min(backOff.next(), mayFailOver ? FAIL_OVER_RETRY_MS : Number.POSITIVE_INFINITY), signal)
      }
    }
    for (const entry of batch) entry.reject(stopped())
  }

  /**
   * Under a quota batches shrink until each costs a short pause, so that the end of the quota is noticed soon; without one they grow
   * again.
   */
  #heed(throttleMs: number, batch: readonly LaneEntry[]): void {
    if (throttleMs <= 0 && !this.#isThrottled) return
    const bytes = batch.reduce((sum, { size }) => sum + size, 0)
    if (throttleMs > THROTTLED_BATCH_MS) this.#maxBatchBytes = Math.max(1, Math.floor((bytes * THROTTLED_BATCH_MS) / throttleMs))
    else if (throttleMs <= 0) this.#maxBatchBytes = Math.min(MAX_BATCH_BYTES, this.#maxBatchBytes * 2)
    this.#isThrottled = throttleMs > 0 || this.#maxBatchBytes < MAX_BATCH_BYTES
    this.#deps.listener.onThrottled(throttleMs)
  }

  /** No record is left: no answer reports the end of the pause, and the next batch shows whether the quota still holds. */
  async #pauseIsOver(): Promise<void> {
    await this.#deps.writer.pause(this.#deps.signal)
    this.#deps.listener.onThrottled(0)
  }

  #acknowledge(batch: LaneEntry[], firstOffset: bigint, startedAt: number): void {
    const { metrics, writer, clock } = this.#deps
    const { topic, partition } = this.#options
    writer.advance(batch.length)
    metrics.laneBatches.inc({ topic })
    metrics.laneRecords.inc({ topic }, batch.length)
    metrics.laneAck.observe({ topic }, (clock.steady() - startedAt) / 1000, batch[0]?.record.headers.traceparent)
    batch.forEach((entry, index) => {
      entry.resolve({ topic, partition, offset: firstOffset < 0n ? -1n : firstOffset + BigInt(index) })
    })
  }

  /** Finds the record that Kafka refuses; only this record fails. A refused batch uses no sequence numbers. */
  async #divide(batch: LaneEntry[], cause: unknown): Promise<void> {
    const { topic } = this.#options
    const [only] = batch
    if (only && batch.length === 1) {
      this.#deps.metrics.laneRefused.inc({ topic })
      const why = cause instanceof Error ? cause.message : String(cause)
      return only.reject(new RecordRefusedError(`topic ${topic} does not take a record of ${only.size} bytes: ${why}`, { cause }))
    }
    const middle = batch.length >> 1
    await this.#deliver(batch.slice(0, middle))
    await this.#deliver(batch.slice(middle))
  }

  #forgetIdentity(error: unknown): void {
    const { topic, partition } = this.#options
    this.#deps.log.warn({ err: error, topic, partition }, 'the broker has forgotten our producer id: going on with a new one')
    this.#deps.writer.forgetIdentity()
  }
}

/** Shorter than a whole turn of the event loop, which takes long while peers send at full speed. */
function endOfCallback(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve))
}

function stopped(): ProducerStoppedError {
  return new ProducerStoppedError('the producer stopped before Kafka acknowledged the record')
}
