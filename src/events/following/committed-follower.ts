import type { KafkaRecord } from '../../kafka/record.ts'
import { proofOf } from '../entries/fingerprint.ts'
import { BatchPace } from '../writing/batch-pace.ts'
import { LatestCommit } from './latest-commit.ts'

export interface CommittedFollowerOptions {
  /** So many records are handled beyond the committed offset at most, which is what a crash repeats. */
  readonly maxUncommitted: number
  /** Commits are this far apart while the work need not wait for one: each costs the brokers as much as a batch of records. */
  readonly commitEachMs?: number
  readonly idleMs: number
  readonly retryMs: number
}

export interface CommittedFollowerDeps {
  readonly read: (from: bigint) => Promise<readonly KafkaRecord[]>
  /** Offset of the oldest record that is still there. */
  readonly oldest: () => Promise<bigint>
  /** Undefined where nothing was committed, or in another partition of this name: see commit-proof.ts. */
  readonly committed: () => Promise<bigint | undefined>
  /** Rejects when the group has moved on (a newer generation): somebody else follows now. */
  readonly commit: (next: bigint, proof: string) => Promise<void>
  readonly isOwner: () => boolean
  /** False while the group may have given the partition to somebody else unheard, as after a freeze: what was read waits. */
  readonly mayHandle: () => boolean
  /** The effect of one record; rejects only for what may be tried again. */
  readonly handle: (record: KafkaRecord) => Promise<void>
  readonly isOutOfRange: (error: unknown) => boolean
  readonly onError: (error: unknown) => void
  /** Resolves after the time, or at once when there is news or the signal ends. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>
}

/**
 * Follows one partition from the group's committed offset, in chunks, while this instance owns it: read, effect,
 * acknowledgement, commit. Commits go on beside the work: the brokers take some 10 ms for each, to gather those of many groups.
 *
 * The group only says who owns; the records are read past it, since a partition in the group would hang with a frozen leader
 * while the fetchers of other brokers keep its heartbeat alive.
 *
 * After a rebalance it goes on where it is if the committed offset is still its own last one, and else begins at the
 * committed one: a late owner would commit backwards.
 */
export class CommittedFollower {
  readonly #options: CommittedFollowerOptions
  readonly #deps: CommittedFollowerDeps
  #run: { controller: AbortController; done: Promise<void> } | undefined
  #next: bigint | undefined
  /** Of the record before `#next`. */
  #proof = ''
  #begunAt = 0n
  readonly #commits: LatestCommit
  readonly #pace = new BatchPace()

  constructor(options: CommittedFollowerOptions, deps: CommittedFollowerDeps) {
    this.#options = options
    this.#deps = deps
    this.#commits = new LatestCommit(deps.commit, { eachMs: options.commitEachMs ?? 0 })
  }

  /** To be called after each assignment of the group, with whether the partition is ours. */
  async assigned(isOurs: boolean): Promise<void> {
    await this.stop()
    if (!isOurs) return
    const controller = new AbortController()
    this.#run = { controller, done: this.#follow(controller.signal) }
  }

  async stop(): Promise<void> {
    const run = this.#run
    this.#run = undefined
    run?.controller.abort()
    await run?.done
  }

  async #follow(signal: AbortSignal): Promise<void> {
    await this.#followUntilAborted(signal)
    await this.#commits.settled()
    try {
      this.#commits.check()
    } catch (error) {
      this.#deps.onError(error)
    }
  }

  async #followUntilAborted(signal: AbortSignal): Promise<void> {
    let isPositioned = false
    while (!signal.aborted) {
      try {
        if (!isPositioned) await this.#position()
        isPositioned = true
        const handled = await this.#chunk(signal)
        if (handled === 0) await this.#deps.wait(this.#options.idleMs, signal)
      } catch (error) {
        if (signal.aborted) return
        if (this.#deps.isOutOfRange(error)) this.#next = await this.#deps.oldest().catch(() => this.#next)
        this.#deps.onError(error)
        isPositioned = this.#next !== undefined && this.#deps.isOwner()
        await this.#deps.wait(this.#options.retryMs, signal)
      }
    }
  }

  async #position(): Promise<void> {
    const committed = await this.#deps.committed()
    const isStillOurs = committed !== undefined && committed === this.#commits.committed && this.#next !== undefined
    if (isStillOurs) return
    this.#begunAt = committed ?? (await this.#deps.oldest())
    this.#next = this.#begunAt
    this.#commits.committed = committed
  }

  async #chunk(signal: AbortSignal): Promise<number> {
    const waitMs = this.#pace.waitMs()
    if (waitMs > 0) await this.#deps.wait(waitMs, signal)
    if (signal.aborted) return 0
    const from = this.#next ?? 0n
    const available = await unlessAborted(this.#deps.read(from), signal)
    if (available.length === 0 || signal.aborted) return 0
    const room = await unlessAborted(this.#room(from, signal), signal)
    const records = available.slice(0, room)
    const last = records.at(-1)
    while (!signal.aborted && !this.#deps.mayHandle()) await this.#deps.wait(this.#options.retryMs, signal)
    if (!last || signal.aborted) return 0
    this.#pace.begun(records.length)
    await unlessAborted(Promise.all(records.map((record) => this.#deps.handle(record))), signal)
    this.#next = last.offset + 1n
    this.#proof = proofOf(last)
    const isUrgent = this.#uncommitted(this.#next) > this.#options.maxUncommitted / 4
    this.#commits.push({ next: this.#next, proof: this.#proof }, { isUrgent })
    return records.length
  }

  #uncommitted(next: bigint): number {
    return Number(next - (this.#commits.committed ?? this.#begunAt))
  }

  /** How many records may be handled before the next commit. Waits, while commits are slow or refused, until that is worth a batch. */
  async #room(from: bigint, signal: AbortSignal): Promise<number> {
    const { maxUncommitted } = this.#options
    const most = Math.floor((maxUncommitted * 3) / 4)
    if (this.#uncommitted(from) > most) await this.#commits.reached(from - BigInt(most))
    this.#commits.check()
    if (this.#uncommitted(from) > most && !signal.aborted) {
      this.#commits.push({ next: from, proof: this.#proof }) // the one that failed is not tried again by itself
      await this.#commits.settled()
      this.#commits.check()
    }
    return maxUncommitted - this.#uncommitted(from)
  }
}

/** Rejects as soon as the signal aborts, so that a read or an effect that hangs in an outage never holds up a stop. */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let abort: (() => void) | undefined
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(new Error('this instance no longer follows the partition'))
    signal.addEventListener('abort', abort)
  })
  try {
    return await Promise.race([work, aborted])
  } finally {
    if (abort) signal.removeEventListener('abort', abort)
  }
}
