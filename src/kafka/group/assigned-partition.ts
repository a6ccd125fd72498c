import type { FetchedPartition } from '../wire/fetched-partition.ts'
import { type CommittedIn, commitMetadata } from './membership/commit-metadata.ts'
import type { CommitPoint } from './membership/group-offsets.ts'
import { PartitionWorker, type PartitionWorkerDeps } from './partition-worker.ts'
import type { PartitionFeed } from './reading/partition-feed.ts'
import type { PartitionLag } from './reading/partition-lag.ts'
import { UndecodableRecord, withUndecodable } from './reading/undecodable-record.ts'

export interface AssignedPartitionOptions {
  readonly topic: string
  readonly partition: number
  readonly maxInFlight: number
}

export interface AssignedPartitionDeps {
  readonly lag: PartitionLag
  readonly worker: PartitionWorkerDeps
  /** Resolves when earlier handlers of this partition in this process have ended. Where order matters, the two must not overlap. */
  readonly predecessor?: Promise<void>
  /** An offset may have become committable. */
  readonly onDone: () => void
}

/** A partition is not read further while this many of its records wait; reading resumes at half. */
const MAX_BACKLOG_RECORDS = 10_000
const MAX_BACKLOG_BYTES = 4 << 20

/** One partition that the group has assigned to this member: its records between fetch and commit. */
export class AssignedPartition {
  readonly topic: string
  readonly partition: number
  readonly lag: PartitionLag
  readonly #options: AssignedPartitionOptions
  readonly #deps: AssignedPartitionDeps
  #worker: PartitionWorker | undefined
  #feed: PartitionFeed | undefined
  /**
   * The offset that the coordinator has acknowledged, and the one that it may have by now: after a rebalance the group continues between
   * the two.
   */
  #committed = 0n
  #committing = 0n
  /** The log of the newest record that was read. */
  #readIn: CommittedIn = {}
  #isHeld = false
  #isFull = false

  constructor(options: AssignedPartitionOptions, deps: AssignedPartitionDeps) {
    this.topic = options.topic
    this.partition = options.partition
    this.lag = deps.lag
    this.#options = options
    this.#deps = deps
  }

  /** Starts the feed, which delivers records from its start offset on. */
  read(feed: PartitionFeed): void {
    this.#feed = feed
    void feed.run()
  }

  /** Reading begins here, or continues here after the partition's log has changed: waiting records of the old log no longer count. */
  begin(from: bigint): void {
    const before = this.#worker?.stop() ?? this.#deps.predecessor
    const worker = new PartitionWorker({ maxInFlight: this.#options.maxInFlight }, this.#deps.worker, from)
    this.#worker = worker
    this.#committed = from
    this.#committing = from
    this.#isFull = false
    this.lag.committed(from)
    if (this.#options.maxInFlight === 1 && before) {
      worker.hold()
      void before.then(() => this.#isHeld || worker.release())
    } else if (this.#isHeld) worker.hold()
  }

  /** Records between the last one read and `next` are permanently missing. */
  skipTo(next: bigint): void {
    this.#worker?.add([], next)
    this.#deps.onDone()
  }

  take({ records, undecodable, nextOffset, highWatermark }: FetchedPartition, readIn: CommittedIn): void {
    const { leaderEpoch, topicId } = readIn
    this.#readIn = { leaderEpoch, topicId }
    this.lag.reached(highWatermark)
    const before = this.#worker?.done()
    const batches = undecodable.map((batch) => new UndecodableRecord(this, batch))
    this.#worker?.add(withUndecodable(records, batches), nextOffset)
    if (this.#worker?.done() !== before) this.#deps.onDone() // markers and aborted records are done when they are passed
  }

  /** True while reading waits until half of the waiting records are done. */
  isFull(): boolean {
    return this.#isFull
  }

  hasRoom(): boolean {
    const { records, bytes } = this.#worker?.backlog() ?? { records: 0, bytes: 0 }
    const share = this.#isFull ? 0.5 : 1
    this.#isFull = records >= MAX_BACKLOG_RECORDS * share || bytes >= MAX_BACKLOG_BYTES * share
    return !this.#isFull
  }

  /** A record was handled. */
  handled(): void {
    this.#deps.onDone()
    if (this.#isFull && this.hasRoom()) this.#feed?.wake()
  }

  /** Starts handlers if the membership allows it again. */
  pump(): void {
    this.#worker?.pump()
  }

  /** A new generation: no handler starts until it is clear that no other member has continued meanwhile. */
  hold(): void {
    this.#isHeld = true
    this.#worker?.hold()
  }

  /**
   * Continues if the group is still at the offset where this member left it. False: another member has continued, and this one must
   * begin again.
   */
  resume(committed: bigint | undefined): boolean {
    const worker = this.#worker
    if (!worker) return false
    if (committed === undefined ? this.#committing > this.#committed : committed < this.#committed || committed > this.#committing)
      return false
    this.#committed = committed ?? this.#committed
    this.#isHeld = false
    worker.release()
    return true
  }

  committable(): CommitPoint[] {
    const { topic, partition } = this
    const next = this.#worker?.done() ?? 0n
    if (this.#isHeld || next <= this.#committed) return []
    return [{ topic, partition, next, metadata: commitMetadata(this.#readIn) }]
  }

  committing(next: bigint): void {
    this.#committing = next
  }

  committed(next: bigint): void {
    this.#committed = next
    this.lag.committed(next)
  }

  /** Starts no more handlers; resolves when the running ones have ended. Reading ends at once. */
  async stop(): Promise<void> {
    this.#feed?.stop()
    await this.#worker?.stop()
  }
}
