import type { Logger } from 'pino'
import { type Clock, SYSTEM_CLOCK } from '../../lifecycle/clock.ts'
import { createBackOff, DeadlineError, sleep, withDeadline } from '../../lifecycle/time.ts'
import type { KafkaConnection } from '../client/connection.ts'
import { isOutOfRange, type PartitionAnswer, PartitionLink } from '../client/partition-link.ts'
import { TopicLink } from '../client/topic-link.ts'
import { describeTrouble } from '../client/trouble.ts'
import type { KafkaRecord } from '../record.ts'
import { describeUndecodable } from '../wire/fetched-partition.ts'

export interface PartitionReaderOptions {
  readonly topic: string
  /** 0 by default, for topics with one partition. */
  readonly partition?: number
  /** A read that no broker answers in this time fails. Time in which a quota delays it does not count. */
  readonly deadlineMs?: number
}

export interface PartitionReaderDeps {
  readonly kafka: KafkaConnection
  readonly log: Logger
  readonly clock?: Pick<Clock, 'steady'>
}

/** The offset is outside the topic: before its oldest record, or beyond its end. */
export class OffsetOutOfRangeError extends Error {
  override readonly name = 'OffsetOutOfRangeError'
  readonly code = 'BRIDGE_OFFSET_OUT_OF_RANGE'
}

export interface ReadAnswer {
  readonly records: KafkaRecord[]
  /**
   * The offset at which to continue: after the whole answer, batches without records for readers included. While it is below `high` it
   * is greater than the requested offset, so a loop up to `high` ends.
   */
  readonly next: bigint
  /** The end for readers: the last stable offset. */
  readonly high: bigint
}

/** Random reads of one partition, over its own connections: otherwise a read would wait for a tail's long poll. */
export interface PartitionReader {
  /** Records from the offset on, possibly fewer than exist; none at the end. */
  read(from: bigint, options?: { maxBytes?: number }): Promise<ReadAnswer>
  /** The oldest offset, and the end for readers: the last stable offset. */
  bounds(): Promise<{ low: bigint; high: bigint }>
  /** The first offset at or after that time (ms since the epoch); the end when all records are older. */
  offsetAt(timeMs: number): Promise<bigint>
  stop(): Promise<void>
}

const DEFAULT_READ_BYTES = 1 << 20
/** A read that a quota delays longer than this fails: the request is larger than the quota allows at all. */
const MOST_THROTTLED_MS = 300_000

export function createPartitionReader(options: PartitionReaderOptions, deps: PartitionReaderDeps): PartitionReader {
  const { topic, partition = 0, deadlineMs = 15_000 } = options
  const { kafka, log, clock = SYSTEM_CLOCK } = deps
  const topicLink = new TopicLink({ topic }, { kafka, clock })
  const link = new PartitionLink({ topic, partition }, { link: topicLink })
  const ended = new AbortController()
  const retrying = new Retrying({ topic, deadlineMs, brokers: kafka.brokers }, { clock, signal: ended.signal })
  return {
    async read(from, { maxBytes = DEFAULT_READ_BYTES } = {}) {
      const { records, undecodable, nextOffset, lastStableOffset } = await retrying.fetch(() =>
        link.fetch(from, { maxBytes, maxWaitMs: 0 }),
      )
      for (const batch of undecodable) log.warn({ topic, partition, reason: describeUndecodable(batch) }, 'records skipped')
      return { records, next: nextOffset, high: lastStableOffset }
    },
    bounds: () => retrying.ask(() => link.bounds()),
    offsetAt: (timeMs) => retrying.ask(() => link.offsetAt(timeMs)),
    async stop() {
      ended.abort()
      await topicLink.close()
    },
  }
}

/** Runs `work` with a reader of one partition, and stops the reader afterwards. */
export async function withPartitionReader<T>(
  options: PartitionReaderOptions,
  deps: PartitionReaderDeps,
  work: (reader: PartitionReader) => Promise<T>,
): Promise<T> {
  const reader = createPartitionReader(options, deps)
  try {
    return await work(reader)
  } finally {
    await reader.stop()
  }
}

interface RetryingOptions {
  readonly topic: string
  readonly deadlineMs: number
  readonly brokers: readonly string[]
}

interface RetryingDeps {
  readonly clock: Pick<Clock, 'steady'>
  readonly signal: AbortSignal
}

/** Retries at the new leader after a leader change; a read without an answer until the deadline fails with a clear message. */
class Retrying {
  readonly #options: RetryingOptions
  readonly #deps: RetryingDeps
  #throttledUntil = Number.NEGATIVE_INFINITY

  constructor(options: RetryingOptions, deps: RetryingDeps) {
    this.#options = options
    this.#deps = deps
  }

  async ask<T>(request: () => Promise<T>): Promise<T> {
    const { topic, deadlineMs, brokers } = this.#options
    const { clock, signal } = this.#deps
    const until = clock.steady() + deadlineMs
    const backOff = createBackOff(50, 1000)
    let last: unknown
    while (!signal.aborted) {
      const leftMs = until - clock.steady()
      if (leftMs <= 0) throw new DeadlineError(describeTrouble(last, { brokers, topics: [topic] }), { cause: last })
      try {
        return await withDeadline(request(), leftMs, `reading ${topic}`)
      } catch (error) {
        if (isOutOfRange(error)) throw new OffsetOutOfRangeError(`topic ${topic} does not have that offset`, { cause: error })
        last = error
        await sleep(backOff.next(), signal)
      }
    }
    throw new Error(`the reader of ${topic} has stopped`)
  }

  /** After a throttled answer the next request waits as long as the broker asks: an earlier one would use up the quota. */
  async fetch(request: () => Promise<PartitionAnswer>) {
    const { clock, signal } = this.#deps
    for (let waitedMs = 0; waitedMs <= MOST_THROTTLED_MS; ) {
      const heldMs = this.#throttledUntil - clock.steady()
      if (heldMs > 0) await sleep(heldMs, signal)
      const { throttledMs, fetched } = await this.ask(request)
      this.#throttledUntil = clock.steady() + throttledMs
      if (fetched) return fetched
      waitedMs += throttledMs
    }
    throw new DeadlineError(`a quota of the cluster (consumer_byte_rate) does not let topic ${this.#options.topic} be read`)
  }
}
