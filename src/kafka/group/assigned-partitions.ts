import type { AssignedPartition } from './assigned-partition.ts'
import type { CommitPoint, CommittedOffset, Membership } from './membership/group-offsets.ts'
import type { Assignment } from './membership/group-session.ts'

export interface AssignedPartitionsOptions {
  /** Assigned only, never read. */
  readonly ownedTopics: readonly string[]
}

export interface AssignedPartitionsDeps {
  /** What the group has committed, by `topic:partition`. */
  readonly committed: (partitions: readonly { topic: string; partition: number }[]) => Promise<ReadonlyMap<string, CommittedOffset>>
  /** A partition that reads from the committed offset on, or from the beginning. */
  readonly open: (
    place: { topic: string; partition: number },
    from: CommittedOffset | undefined,
    predecessor: Promise<void> | undefined,
  ) => AssignedPartition
  readonly onClosed: (partition: AssignedPartition) => void
}

/** Offsets to commit, with the generation of their assignment. */
export interface CommitRequest {
  readonly membership: Membership
  readonly points: readonly CommitPoint[]
}

/**
 * The partitions that the group has assigned to this member. A new generation drops partitions that are no longer assigned. The others
 * wait until the committed offset shows that no other member has continued meanwhile, and then continue with the records already read.
 */
export class AssignedPartitions {
  readonly #options: AssignedPartitionsOptions
  readonly #deps: AssignedPartitionsDeps
  readonly #partitions = new Map<string, AssignedPartition>()
  /** Handlers of partitions that were dropped, by partition, until they have ended. */
  readonly #ending = new Map<string, Promise<void>>()
  #membership: Membership | undefined

  constructor(options: AssignedPartitionsOptions, deps: AssignedPartitionsDeps) {
    this.#options = options
    this.#deps = deps
  }

  /** Rejects when the offsets cannot be fetched; the partitions stay on hold until the next call. */
  async assign(assigned: Assignment, membership: Membership): Promise<void> {
    this.#membership = membership
    const wanted = [...assigned].flatMap(([topic, partitions]) =>
      this.#options.ownedTopics.includes(topic) ? [] : partitions.map((partition) => ({ topic, partition })),
    )
    const keys = new Set(wanted.map(keyOf))
    for (const [key, partition] of this.#partitions) {
      if (keys.has(key)) partition.hold()
      else this.#drop(key, partition)
    }
    if (wanted.length === 0) return
    const committed = await this.#deps.committed(wanted)
    if (this.#membership !== membership) return // a newer generation has started meanwhile
    for (const place of wanted) this.#goOn(place, committed.get(keyOf(place)))
  }

  /** The membership is over: nothing can be committed. Handlers continue while their work may still count. */
  detach(): void {
    this.#membership = undefined
  }

  all(): Iterable<AssignedPartition> {
    return this.#partitions.values()
  }

  pump(): void {
    for (const partition of this.#partitions.values()) partition.pump()
  }

  committable(): CommitRequest | undefined {
    const membership = this.#membership
    if (!membership) return undefined
    const points = [...this.#partitions.values()].flatMap((partition) => partition.committable())
    for (const { topic, partition, next } of points) this.#partitions.get(keyOf({ topic, partition }))?.committing(next)
    return points.length > 0 ? { membership, points } : undefined
  }

  committed({ membership, points }: CommitRequest): void {
    if (this.#membership !== membership) return // the new generation fetches the committed offsets
    for (const point of points) this.#partitions.get(keyOf(point))?.committed(point.next)
  }

  /** Starts no more handlers; resolves when the running ones have ended. */
  async drain(): Promise<void> {
    await Promise.all([...this.#partitions.values()].map((partition) => partition.stop()))
  }

  abandon(): void {
    for (const [key, partition] of this.#partitions) this.#drop(key, partition)
  }

  #goOn(place: { topic: string; partition: number }, committed: CommittedOffset | undefined): void {
    const key = keyOf(place)
    const known = this.#partitions.get(key)
    if (known?.resume(committed?.next)) return
    if (known) this.#drop(key, known)
    this.#partitions.set(key, this.#deps.open(place, committed, this.#ending.get(key)))
  }

  /** Running handlers continue, but no longer count here: the next member repeats their records. */
  #drop(key: string, partition: AssignedPartition): void {
    this.#partitions.delete(key)
    this.#deps.onClosed(partition)
    const ending = Promise.all([this.#ending.get(key), partition.stop()]).then(() => {
      if (this.#ending.get(key) === ending) this.#ending.delete(key)
    })
    this.#ending.set(key, ending)
  }
}

function keyOf({ topic, partition }: { topic: string; partition: number }): string {
  return `${topic}:${partition}`
}
