import type { Clock } from '../../lifecycle/clock.ts'
import { createBackOff, DeadlineError, sleep, withDeadline } from '../../lifecycle/time.ts'
import { isOutOfRange } from '../client/partition-link.ts'
import { describeTrouble } from '../client/trouble.ts'

export interface ReadingRetriesOptions {
  readonly topic: string
  readonly deadlineMs: number
  readonly brokers: readonly string[]
}

export interface ReadingRetriesDeps {
  readonly clock: Pick<Clock, 'steady'>
  readonly signal: AbortSignal
  /** A quota of the cluster delays the next request by `ms`. */
  readonly onThrottled?: (ms: number) => void
}

/** The answer of one attempt; `fetched` is undefined when a throttled broker left the partition out. */
export interface ReadAttempt<T> {
  readonly throttledMs: number
  readonly fetched: T | undefined
}

/** The offset is outside the topic: before its oldest record, or beyond its end. */
export class OffsetOutOfRangeError extends Error {
  override readonly name = 'OffsetOutOfRangeError'
  readonly code = 'BRIDGE_OFFSET_OUT_OF_RANGE'
}

/** A read that a quota delays longer than this fails: the request is larger than the quota allows at all. */
const MOST_THROTTLED_MS = 300_000

/** Retries at the new leader after a leader change; a read without an answer until the deadline fails with a clear message. */
export class ReadingRetries {
  readonly #options: ReadingRetriesOptions
  readonly #deps: ReadingRetriesDeps
  #throttledUntil = Number.NEGATIVE_INFINITY

  constructor(options: ReadingRetriesOptions, deps: ReadingRetriesDeps) {
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
        // The attempt that the deadline cut off says nothing of Kafka; an earlier one may have.
        if (last === undefined || !(error instanceof DeadlineError)) last = error
        await sleep(backOff.next(), signal)
      }
    }
    throw new Error(`the reader of ${topic} has stopped`)
  }

  /** After a throttled answer the next request waits as long as the broker asks: an earlier one would use up the quota. */
  async fetch<T>(request: () => Promise<ReadAttempt<T>>): Promise<T> {
    const { clock, signal, onThrottled } = this.#deps
    for (let waitedMs = 0; waitedMs <= MOST_THROTTLED_MS; ) {
      const heldMs = this.#throttledUntil - clock.steady()
      if (heldMs > 0) await sleep(heldMs, signal)
      const { throttledMs, fetched } = await this.ask(request)
      this.#throttledUntil = clock.steady() + throttledMs
      if (throttledMs > 0) onThrottled?.(throttledMs)
      if (fetched) return fetched
      waitedMs += throttledMs
    }
    throw new DeadlineError(`a quota of the cluster (consumer_byte_rate) does not let topic ${this.#options.topic} be read`)
  }
}
