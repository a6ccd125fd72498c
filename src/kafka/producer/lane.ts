import type { Logger } from 'pino'
import { createBackOff, sleep, withDeadline } from '../../lifecycle/time.ts'
import type { KafkaMetrics } from '../../telemetry/kafka-metrics.ts'
import { produce, requestIdentity } from '../client/produce-request.ts'
import { type Leader, NoPartitionError, type TopicLink } from '../client/topic-link.ts'
import { troubleOf } from '../client/trouble.ts'
import type { Ack, OutgoingRecord } from '../record.ts'
import type { ProducerIdentity } from '../wire/record-batch.ts'
import { ProducerStoppedError, RecordRefusedError } from './producer-errors.ts'

export interface LaneOptions {
  readonly partition: number
  /** 0 waits for what the same callback sends, in promises too: under load batches grow by themselves while one is in flight. */
  readonly lingerMs: number
  readonly maxBatchRecords: number
}

export interface LaneDeps {
  readonly link: TopicLink
  readonly signal: AbortSignal
  readonly log: Logger
  readonly metrics: KafkaMetrics
  /** Hears each failed try of a batch and, with undefined, each acknowledged one. */
  readonly onTrouble: (error: unknown) => void
  /** Takes back what waits, in order, when the topic no longer has this partition. */
  readonly onPartitionGone: (entries: readonly LaneEntry[]) => void
}

export interface LaneEntry {
  readonly record: OutgoingRecord
  readonly size: number
  readonly resolve: (ack: Ack) => void
  readonly reject: (error: Error) => void
}

/** Below the brokers' default limit for a batch (1 MiB), with room for what the format adds. */
const MAX_BATCH_BYTES = 900_000
const SEQUENCE_MODULUS = 2 ** 31
const REQUEST_DEADLINE_MS = 10_000
/** Up to here a new leader may appear any moment. Whoever comes late finds that other instances have written what waits. */
const FAIL_OVER_MS = 15_000
const FAIL_OVER_RETRY_MS = 250

/**
 * The records of one partition on their way to its leader: one batch in flight, the same batch with the same sequence number
 * until it is acknowledged, so the broker recognises a repeat and nothing overtakes.
 */
export class Lane {
  readonly #options: LaneOptions
  readonly #deps: LaneDeps
  readonly #queue: LaneEntry[] = []
  #identity: ProducerIdentity | undefined
  #nextSequence = 0
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
    while (this.#queue.length > 0 && !signal.aborted) await this.#deliver(this.#takeBatch())
    for (const entry of this.#queue.splice(0)) entry.reject(stopped())
    this.#isRunning = false
  }

  #takeBatch(): LaneEntry[] {
    let bytes = 0
    let count = 0
    for (const { size } of this.#queue) {
      if (count > 0 && (count >= this.#options.maxBatchRecords || bytes + size > MAX_BATCH_BYTES)) break
      bytes += size
      count += 1
    }
    return this.#queue.splice(0, count)
  }

  async #deliver(batch: LaneEntry[]): Promise<void> {
    const { link, signal, metrics, onTrouble } = this.#deps
    const backOff = createBackOff(50, 1000)
    const startedAt = performance.now()
    while (!signal.aborted) {
      try {
        this.#acknowledge(batch, await unlessAborted(this.#send(batch), signal), startedAt)
        return onTrouble(undefined)
      } catch (error) {
        if (signal.aborted) break
        if (error instanceof NoPartitionError) return this.#deps.onPartitionGone([...batch, ...this.#queue.splice(0)])
        const trouble = troubleOf(error)
        if (trouble === 'duplicate') return this.#acknowledge(batch, -1n, startedAt)
        if (trouble === 'refused-record') return this.#divide(batch, error)
        if (trouble === 'producer-state') this.#forgetIdentity(error)
        metrics.laneRetries.inc({ topic: link.topic })
        onTrouble(error)
        const mayFailOver = performance.now() - startedAt < FAIL_OVER_MS
        await sleep(Math.min(backOff.next(), mayFailOver ? FAIL_OVER_RETRY_MS : Number.POSITIVE_INFINITY), signal)
      }
    }
    for (const entry of batch) entry.reject(stopped())
  }

  async #send(batch: LaneEntry[]): Promise<bigint> {
    const { link } = this.#deps
    const { partition } = this.#options
    let leader: Leader | undefined
    try {
      leader = await link.leader(partition)
      this.#identity ??= await withDeadline(requestIdentity(leader.broker), REQUEST_DEADLINE_MS, 'asking for a producer id')
      const request = {
        topic: link.topic,
        partition,
        identity: this.#identity,
        firstSequence: this.#nextSequence,
        records: batch.map(({ record }) => record),
      }
      return await withDeadline(produce(leader.broker, request), REQUEST_DEADLINE_MS, `writing to ${link.topic}`)
    } catch (error) {
      if (troubleOf(error) !== 'refused-record') link.failed(partition, error, leader)
      throw error
    }
  }

  #acknowledge(batch: LaneEntry[], firstOffset: bigint, startedAt: number): void {
    const { link, metrics } = this.#deps
    const { partition } = this.#options
    this.#nextSequence = (this.#nextSequence + batch.length) % SEQUENCE_MODULUS
    metrics.laneBatches.inc({ topic: link.topic })
    metrics.laneRecords.inc({ topic: link.topic }, batch.length)
    metrics.laneAck.observe({ topic: link.topic }, (performance.now() - startedAt) / 1000)
    batch.forEach((entry, index) => {
      entry.resolve({ topic: link.topic, partition, offset: firstOffset < 0n ? -1n : firstOffset + BigInt(index) })
    })
  }

  /** Finds the record that Kafka refuses, and only that one fails. A refused batch used up no sequence numbers. */
  async #divide(batch: LaneEntry[], cause: unknown): Promise<void> {
    const { link, metrics } = this.#deps
    const [only] = batch
    if (only && batch.length === 1) {
      metrics.laneRefused.inc({ topic: link.topic })
      const why = cause instanceof Error ? cause.message : String(cause)
      return only.reject(new RecordRefusedError(`topic ${link.topic} does not take a record of ${only.size} bytes: ${why}`, { cause }))
    }
    const middle = batch.length >> 1
    await this.#deliver(batch.slice(0, middle))
    await this.#deliver(batch.slice(middle))
  }

  /** The broker no longer knows this producer. With a new id the batch may come twice if it was taken before; it is never lost. */
  #forgetIdentity(error: unknown): void {
    this.#deps.log.warn(
      { err: error, topic: this.#deps.link.topic, partition: this.#options.partition },
      'producer id given up for a new one',
    )
    this.#identity = undefined
    this.#nextSequence = 0
  }
}

/** A whole turn of the event loop would take long while peers send as fast as they are heard. */
function endOfCallback(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve))
}

function stopped(): ProducerStoppedError {
  return new ProducerStoppedError('the producer stopped before Kafka acknowledged the record')
}

async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  work.catch(() => {})
  let onAbort = () => {}
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(stopped())
    signal.addEventListener('abort', onAbort)
  })
  try {
    return await Promise.race([work, aborted])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
