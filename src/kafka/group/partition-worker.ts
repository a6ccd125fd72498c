import type { KafkaRecord } from '../record.ts'
import { type BacklogEntry, RecordBacklog } from './record-backlog.ts'

export interface PartitionWorkerOptions {
  /** Upper bound on concurrent handlers; with 1 each record waits until the previous one is done. */
  readonly maxInFlight: number
  readonly firstRetryMs?: number
  readonly longestRetryMs?: number
}

export type RecordOutcome = 'handled' | 'dead-letter'

export interface PartitionWorkerDeps {
  readonly handle: (record: KafkaRecord) => Promise<void>
  readonly deadLetter: (record: KafkaRecord, error: unknown) => Promise<void>
  readonly isTransient: (error: unknown) => boolean
  /** False while this member may have lost the partition without knowing it. */
  readonly mayStart: () => boolean
  readonly onOutcome: (record: KafkaRecord, outcome: RecordOutcome) => void
  /** The record that the partition waits for and why, or undefined when it continues. */
  readonly onWait: (wait: { record: KafkaRecord; error: unknown } | undefined) => void
}

/** A few milliseconds of work. */
const STARTS_PER_TURN = 500

/**
 * The records of one partition between fetch and commit. Handlers are called in offset order, and several run concurrently. The offset
 * up to which all are done is the one to commit. Errors of handlers end here. After a transient error only the oldest record is retried
 * until it succeeds, and no new handler starts meanwhile; after any other error the record becomes a dead letter.
 */
export class PartitionWorker {
  readonly #options: Required<PartitionWorkerOptions>
  readonly #deps: PartitionWorkerDeps
  readonly #backlog = new RecordBacklog()
  #running = 0
  #failed = 0
  /** The failed record that is retried alone. */
  #probe: BacklogEntry | undefined
  #done: bigint
  #next: bigint
  #retryMs: number
  #retryTimer: NodeJS.Timeout | undefined
  /** Handlers started since other work last had its turn, and the turn that is waited for. */
  #startedInTurn = 0
  #turn: NodeJS.Immediate | undefined
  #isHeld = false
  #isStopped = false
  #onIdle: (() => void)[] = []

  /** `from`: the offset at which the group continues. */
  constructor(options: PartitionWorkerOptions, deps: PartitionWorkerDeps, from: bigint) {
    this.#options = { firstRetryMs: 100, longestRetryMs: 5000, ...options }
    this.#retryMs = this.#options.firstRetryMs
    this.#deps = deps
    this.#done = from
    this.#next = from
  }

  /** `next`: the offset after the answer, which may lie beyond its last record. Records that were added already are ignored. */
  add(records: readonly KafkaRecord[], next: bigint): void {
    for (const record of records) {
      if (record.offset < this.#next) continue
      this.#backlog.add(record)
      this.#next = record.offset + 1n
    }
    if (next > this.#next) this.#next = next
    if (this.#backlog.size === 0) this.#done = this.#next
    this.pump()
  }

  backlog(): { records: number; bytes: number } {
    return { records: this.#backlog.size, bytes: this.#backlog.bytes }
  }

  /** All records before this offset are done. */
  done(): bigint {
    return this.#done
  }

  /** Starts no more handlers until `release`. */
  hold(): void {
    this.#isHeld = true
  }

  release(): void {
    this.#isHeld = false
    this.pump()
  }

  isHeld(): boolean {
    return this.#isHeld
  }

  /** Starts the handlers that may start. Call it when `mayStart` has become true. */
  pump(): void {
    if (this.#isStopped || this.#isHeld || this.#failed > 0 || this.#retryTimer || !this.#deps.mayStart()) return
    while (this.#running < this.#options.maxInFlight && !this.#turn) {
      const entry = this.#backlog.nextWaiting()
      if (!entry) return
      void this.#start(entry)
      this.#startedInTurn += 1
      if (this.#startedInTurn >= STARTS_PER_TURN) this.#yield()
    }
  }

  /** Starts no more handlers; resolves when the running ones have ended. Their results still count for `done`. */
  async stop(): Promise<void> {
    this.#isStopped = true
    clearTimeout(this.#retryTimer)
    clearImmediate(this.#turn)
    if (this.#running === 0) return
    await new Promise<void>((resolve) => {
      this.#onIdle.push(resolve)
    })
  }

  /** Handlers that wait for nothing end in the same turn, and each starts the next one: other work would wait for all of them. */
  #yield(): void {
    this.#turn = setImmediate(() => {
      this.#turn = undefined
      this.#startedInTurn = 0
      this.pump()
    })
  }

  async #start(entry: BacklogEntry): Promise<void> {
    entry.state = 'running'
    this.#running += 1
    try {
      this.#settle(entry, await this.#process(entry))
    } catch (error) {
      this.#fail(entry, error)
    }
    this.#running -= 1
    if (this.#running === 0) for (const onIdle of this.#onIdle.splice(0)) onIdle()
    this.pump()
  }

  /** Throws only errors after which the record is retried. */
  async #process(entry: BacklogEntry): Promise<RecordOutcome> {
    const { handle, deadLetter, isTransient } = this.#deps
    if (entry.fault === undefined) {
      try {
        await handle(entry.record)
        return 'handled'
      } catch (error) {
        if (isTransient(error)) throw error
        entry.fault = error ?? new Error('the handler threw nothing')
      }
    }
    await deadLetter(entry.record, entry.fault)
    return 'dead-letter'
  }

  #settle(entry: BacklogEntry, outcome: RecordOutcome): void {
    entry.state = 'done'
    this.#backlog.removeDone()
    this.#done = this.#backlog.oldest()?.offset ?? this.#next
    if (entry === this.#probe) this.#recover()
    this.#deps.onOutcome(entry.record, outcome) // last, so that the listener sees the updated backlog
  }

  #recover(): void {
    this.#probe = undefined
    this.#retryMs = this.#options.firstRetryMs
    this.#backlog.retryFailed()
    this.#failed = 0
    this.#deps.onWait(undefined)
  }

  #fail(entry: BacklogEntry, error: unknown): void {
    entry.state = 'failed'
    this.#failed += 1
    this.#probe = undefined
    if (this.#isStopped || this.#retryTimer) return
    this.#deps.onWait({ record: entry.record, error })
    this.#retryTimer = setTimeout(() => this.#retryOldest(), this.#retryMs)
    this.#retryMs = Math.min(this.#retryMs * 2, this.#options.longestRetryMs)
  }

  #retryOldest(): void {
    this.#retryTimer = undefined
    const oldest = this.#backlog.oldestFailed()
    if (!oldest || this.#isStopped) {
      this.pump()
      return
    }
    this.#failed -= 1
    this.#probe = oldest
    void this.#start(oldest)
  }
}
