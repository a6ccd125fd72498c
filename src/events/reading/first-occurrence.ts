import { IdTable } from './id-table.ts'

export interface FirstOccurrenceOptions {
  /**
   * How long an id is remembered after its last copy, in log time. It must be the same for all readers of an event log, or they
   * disagree.
   */
  readonly windowMs: number
  /** Upper bound on the remembered ids; beyond it the id with the oldest last copy is dropped. It must be the same for all readers too. */
  readonly maxIds: number
}

export interface FirstOccurrenceDeps {
  /** Called when `isFirst` returned true for an id that is no longer remembered. */
  readonly onForgotten?: () => void
}

interface Waiter {
  readonly offset: bigint
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/**
 * Decides which record of the event log is the first of its id: one with no copy in the window of log time before it. Every copy renews
 * the entry; otherwise readers with different starts disagree (copies at 0, 9 and 11 minutes). Log time is the running maximum of the
 * timestamps, because the timestamps can step back when the partition's leader moves.
 *
 * The result is a function of the event log alone, for every reader that began at the first record with a timestamp of at least T (the
 * offset that Kafka gives for a search by time) and decides from T plus one window on.
 */
export class FirstOccurrence {
  readonly #options: FirstOccurrenceOptions
  readonly #onForgotten: () => void
  readonly #seen: IdTable
  readonly #waiters = new Set<Waiter>()
  #logTime = Number.NEGATIVE_INFINITY
  /** The offset after the last one observed. */
  #next = 0n
  #stopped: Error | undefined

  constructor(options: FirstOccurrenceOptions, deps: FirstOccurrenceDeps = {}) {
    this.#options = options
    this.#seen = new IdTable(options)
    this.#onForgotten = deps.onForgotten ?? (() => {})
  }

  get size(): number {
    return this.#seen.size
  }

  /** Running maximum of the timestamps, in milliseconds since the epoch; -Infinity before the first record. */
  get logTime(): number {
    return this.#logTime
  }

  has(id: string): boolean {
    return this.#seen.has(id)
  }

  /** Observes the next record of the event log, in order. True when it is the first of its id. */
  observe(id: string, offset: bigint, timestamp: number): boolean {
    if (timestamp > this.#logTime) this.#logTime = timestamp
    this.#seen.forgetBefore(this.#logTime - this.#options.windowMs)
    const isFirst = this.#seen.touch(id, offset, this.#logTime)
    this.passed(offset + 1n)
    return isFirst
  }

  /** The event log continues at `next`: offsets before it have no record any more, or none for readers. */
  passed(next: bigint): void {
    if (next > this.#next) this.#next = next
    for (const waiter of this.#waiters) {
      if (waiter.offset < this.#next) this.#settle(waiter)
    }
  }

  /**
   * For a reader that lags behind: whether the record at an observed offset is the first of its id. An id that is no longer remembered
   * counts as first, because a repeat does less harm than a loss.
   */
  isFirst(id: string, offset: bigint): boolean {
    const first = this.#seen.firstOf(id)
    if (first !== undefined && offset >= first) return offset === first
    this.#onForgotten()
    return true
  }

  /** Resolves when the record at the offset has been observed; rejects when the signal aborts, or at `stop`. */
  async reached(offset: bigint, signal?: AbortSignal): Promise<void> {
    if (offset < this.#next) return
    if (this.#stopped) throw this.#stopped
    signal?.throwIfAborted()
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const waiter: Waiter = { offset, resolve, reject }
    const abort = () => this.#settle(waiter, signal?.reason)
    this.#waiters.add(waiter)
    signal?.addEventListener('abort', abort, { once: true })
    try {
      await promise
    } finally {
      signal?.removeEventListener('abort', abort)
    }
  }

  /** The event log was truncated at an offset: the events from there on are gone, and may be written again. */
  truncate(next: bigint): void {
    this.#seen.forgetFrom(next)
    this.#next = next
  }

  /** The event log was created again: it contains none of the ids seen. */
  restart(): void {
    this.#seen.clear()
    this.#logTime = Number.NEGATIVE_INFINITY
    this.#next = 0n
  }

  /** Nothing more will be observed: pending waits reject. */
  stop(): void {
    this.#stopped = new Error('the reader of the log has stopped')
    for (const waiter of this.#waiters) this.#settle(waiter, this.#stopped)
  }

  #settle(waiter: Waiter, error?: unknown): void {
    this.#waiters.delete(waiter)
    if (error === undefined) waiter.resolve()
    else waiter.reject(error)
  }
}
