import type { KafkaRecord } from '../../kafka/record.ts'
import type { Clock } from '../../lifecycle/clock.ts'
import { BatchPace, RELAXED_APART_MS } from '../../lifecycle/pace/batch-pace.ts'
import { sleep, unlessAborted } from '../../lifecycle/time.ts'
import { fingerprintOf } from '../entries/fingerprint.ts'
import type { CommittedPlace } from '../ports.ts'
import { BegunEffects } from './begun-effects.ts'
import { LatestCommit } from './latest-commit.ts'

export interface CommittedFollowerOptions {
  /** Upper bound on the records handled beyond the committed offset: a crash repeats them. */
  readonly maxUncommitted: number
  /** Minimum time between two commits while no work waits for one: a commit costs the brokers as much as a batch of records. */
  readonly commitEveryMs?: number
  readonly idleMs: number
  readonly retryMs: number
}

/** The offset that the group has committed. */
export interface FoundCommit {
  readonly next: bigint
  /** False when Kafka has no offset there: the event log was created again, or its records are gone. */
  readonly isInRange: boolean
}

export interface CommittedFollowerDeps {
  /** Records from an offset on, and the offset to read on at. */
  readonly read: (from: bigint) => Promise<{ records: readonly KafkaRecord[]; next: bigint }>
  readonly bounds: () => Promise<{ low: bigint; high: bigint }>
  /** Undefined when nothing was committed, or the offset was for another partition of this name: see fingerprint.ts. */
  readonly committed: () => Promise<FoundCommit | undefined>
  /** Rejects when the group has a newer generation: another instance follows now. */
  readonly commit: (place: CommittedPlace) => Promise<void>
  readonly isAssigned: () => boolean
  /** False while the group may have reassigned the partition unnoticed, as after a freeze: records already read wait. */
  readonly mayHandle: () => boolean
  /** The effect of one record; rejects only with an error after which a retry is allowed. */
  readonly handle: (record: KafkaRecord) => Promise<void>
  readonly isOutOfRange: (error: unknown) => boolean
  readonly onError: (error: unknown) => void
  readonly clock: Pick<Clock, 'steady'>
}

/**
 * Follows the event log from the group's committed offset, in chunks, while the group assigns it to this instance: read, effect,
 * acknowledgement, commit. Commits run in parallel with the work: the brokers take some 10 ms for each, because they gather those of
 * many groups.
 *
 * The group only assigns. The records are read outside it, because a member that reads the partition hangs with a frozen leader while
 * the fetchers of other brokers keep its heartbeat alive.
 *
 * After a rebalance it continues at its position if nobody else has committed meanwhile, and otherwise starts at the committed offset.
 * Without this a late instance would commit backwards.
 */
export class CommittedFollower {
  readonly #options: CommittedFollowerOptions
  readonly #deps: CommittedFollowerDeps
  #run: { controller: AbortController; done: Promise<void> } | undefined
  #next: bigint | undefined
  /** Fingerprint of the last record before `#next`. */
  #fingerprint = ''
  #begunAt = 0n
  readonly #effects: BegunEffects
  readonly #commits: LatestCommit
  readonly #pace: BatchPace

  constructor(options: CommittedFollowerOptions, deps: CommittedFollowerDeps) {
    this.#options = options
    this.#deps = deps
    this.#effects = new BegunEffects({ handle: deps.handle })
    this.#commits = new LatestCommit({ everyMs: options.commitEveryMs ?? 0 }, { commit: deps.commit, clock: deps.clock })
    this.#pace = new BatchPace({ apartMs: RELAXED_APART_MS }, { clock: deps.clock })
  }

  /**
   * Call it after each assignment of the group, and when the event log has a gap. `atMost`: the new end of the event log.
   * `isOtherLog`: the event log was created again.
   */
  async restart({ atMost, isOtherLog = false }: { atMost?: bigint; isOtherLog?: boolean } = {}): Promise<void> {
    await this.stop()
    if (isOtherLog) this.#next = undefined
    if (atMost !== undefined) this.#effects.replacedFrom(atMost)
    if (!this.#deps.isAssigned()) return
    const controller = new AbortController()
    this.#run = { controller, done: this.#follow(controller.signal, atMost) }
  }

  async stop(): Promise<void> {
    const run = this.#run
    this.#run = undefined
    run?.controller.abort(new Error('this instance no longer follows the event log'))
    await run?.done
  }

  async #follow(signal: AbortSignal, atMost: bigint | undefined): Promise<void> {
    await this.#followUntilAborted(signal, atMost)
    await this.#commits.settled()
    try {
      this.#commits.check()
    } catch (error) {
      this.#deps.onError(error)
    }
  }

  async #followUntilAborted(signal: AbortSignal, atMost: bigint | undefined): Promise<void> {
    let isPositioned = false
    while (!signal.aborted) {
      try {
        if (!isPositioned) await this.#position(atMost)
        isPositioned = true
        const isMoved = await this.#chunk(signal)
        if (!isMoved) await sleep(this.#options.idleMs, signal)
      } catch (error) {
        if (signal.aborted) return
        if (this.#deps.isOutOfRange(error)) await this.#backIntoRange().catch(this.#deps.onError)
        this.#deps.onError(error)
        isPositioned = this.#next !== undefined && this.#deps.isAssigned()
        await sleep(this.#options.retryMs, signal)
      }
    }
  }

  async #position(atMost: bigint | undefined): Promise<void> {
    const found = await this.#deps.committed()
    const committed = found?.next
    if (committed !== undefined && atMost !== undefined && committed > atMost) return this.#begin(atMost)
    // A read from there would wait for a tail that has yet to come so far.
    if (found && !found.isInRange) return this.#backIntoRange(found.next)
    if (!this.#isOurs(committed, atMost)) this.#begin(committed ?? (await this.#deps.bounds()).low)
    this.#commits.committed = committed
  }

  /** Whether we may have committed this offset, though its answer may be lost: what precedes our position is done. */
  #isOurs(committed: bigint | undefined, atMost: bigint | undefined): boolean {
    const last = this.#commits.committed
    if (committed === undefined || last === undefined || this.#next === undefined) return false
    if (atMost !== undefined && this.#next > atMost) return false // other records are there by now
    return committed >= last && committed <= this.#next
  }

  #begin(at: bigint): void {
    this.#effects.clear()
    this.#begunAt = at
    this.#next = at
    this.#fingerprint = ''
    this.#commits.committed = undefined
  }

  /** Beyond the end: an event log that begins at 0 was created again and is read completely; any other has lost its last records. */
  async #backIntoRange(from = this.#next ?? 0n): Promise<void> {
    const { low, high } = await this.#deps.bounds()
    const isBeyondEnd = from > high
    this.#begin(isBeyondEnd && low > 0n ? high : low)
  }

  /** Whether the position moved. */
  async #chunk(signal: AbortSignal): Promise<boolean> {
    const waitMs = this.#pace.waitMs()
    if (waitMs > 0) await sleep(waitMs, signal)
    if (signal.aborted) return false
    const from = this.#next ?? 0n
    const available = await unlessAborted(this.#deps.read(from), signal)
    const room = await unlessAborted(this.#room(from, signal), signal)
    const records = available.records.slice(0, room)
    const last = records.at(-1)
    while (!signal.aborted && !this.#deps.mayHandle()) await sleep(this.#options.retryMs, signal)
    if (signal.aborted) return false
    this.#pace.begun(records.length)
    await unlessAborted(Promise.all(records.map((record) => this.#effects.of(record))), signal)
    const isAll = records.length === available.records.length
    const next = isAll || !last ? available.next : last.offset + 1n
    if (next <= from) return false
    this.#moved(next, last)
    return true
  }

  /** `last`: the last record before `next`, if any. Offsets without a record may lie between the two. */
  #moved(next: bigint, last: KafkaRecord | undefined): void {
    this.#next = next
    this.#effects.passed(next)
    if (last) this.#fingerprint = fingerprintOf(last)
    const isUrgent = this.#uncommitted(next) > this.#options.maxUncommitted / 4
    this.#commits.push({ next, fingerprint: this.#fingerprint }, { isUrgent })
  }

  #uncommitted(next: bigint): number {
    return Number(next - (this.#commits.committed ?? this.#begunAt))
  }

  /**
   * How many records may be handled before the next commit. While commits are slow or refused, waits until there is room for a useful
   * batch.
   */
  async #room(from: bigint, signal: AbortSignal): Promise<number> {
    const { maxUncommitted } = this.#options
    const most = Math.floor((maxUncommitted * 3) / 4)
    if (this.#uncommitted(from) > most) await this.#commits.reached(from - BigInt(most))
    this.#commits.check()
    if (this.#uncommitted(from) > most && !signal.aborted) {
      this.#commits.push({ next: from, fingerprint: this.#fingerprint }) // a failed commit is not repeated automatically
      await this.#commits.settled()
      this.#commits.check()
    }
    return maxUncommitted - this.#uncommitted(from)
  }
}
