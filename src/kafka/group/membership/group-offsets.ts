import { withDeadline } from '../../../lifecycle/time.ts'
import type { KafkaConnection } from '../../client/connection.ts'
import { kafkaErrorType } from '../../client/trouble.ts'
import { CoordinatorLink } from './coordinator-link.ts'

/** Member id and generation of this process in a group. */
export interface Membership {
  readonly generationId: number
  readonly memberId: string
}

export interface CommitPoint {
  readonly topic: string
  readonly partition: number
  /** The offset after the last record that is done. */
  readonly next: bigint
  /** A text that Kafka stores with the offset. */
  readonly metadata?: string
}

/** The committed offset of a group for one partition. */
export interface CommittedOffset {
  readonly next: bigint
  readonly metadata: string
}

/** The group has a newer generation, or does not include this member: the offset was not committed. */
export class CommitRefusedError extends Error {
  override readonly name = 'CommitRefusedError'
  readonly code = 'BRIDGE_COMMIT_REFUSED'
}

const REQUEST_DEADLINE_MS = 5000
/** The commit belongs to a past generation. */
const MOVED_ON = new Set(['ILLEGAL_GENERATION', 'UNKNOWN_MEMBER_ID', 'REBALANCE_IN_PROGRESS', 'FENCED_INSTANCE_ID'])

/** The sender of a commit without a member: the coordinator accepts it only while the group is empty. */
export const NO_MEMBER: Membership = { generationId: -1, memberId: '' }

/**
 * The offsets of a group at its coordinator. Each commit carries the generation of its assignment, so the coordinator refuses a late
 * one. kafkajs would send it with its current generation.
 */
export class GroupOffsets {
  readonly #groupId: string
  readonly #link: CoordinatorLink

  constructor({ groupId }: { groupId: string }, { kafka }: { kafka: Pick<KafkaConnection, 'cluster'> }) {
    this.#groupId = groupId
    this.#link = new CoordinatorLink({ groupId }, { kafka })
  }

  /** Rejects with CommitRefusedError when the group is in another generation. */
  async commit({ generationId, memberId }: Membership, points: readonly CommitPoint[]): Promise<void> {
    const groupId = this.#groupId
    const topics = byTopic(points, ({ partition, next, metadata = '' }) => ({ partition, offset: `${next}`, metadata }))
    const request = { groupId, groupGenerationId: generationId, memberId, topics }
    try {
      const commit = this.#link.ask((coordinator) => coordinator.offsetCommit(request))
      await withDeadline(commit, REQUEST_DEADLINE_MS, `committing offsets of group ${groupId}`)
    } catch (error) {
      if (!MOVED_ON.has(kafkaErrorType(error) ?? '')) throw error
      const why = error instanceof Error ? error.message : String(error)
      throw new CommitRefusedError(`group ${groupId} has moved on from generation ${generationId}: ${why}`, { cause: error })
    }
  }

  /** Committed offsets by `topic:partition`; no entry for a partition without one. */
  async committed(partitions: readonly { topic: string; partition: number }[]): Promise<Map<string, CommittedOffset>> {
    const groupId = this.#groupId
    const topics = byTopic(partitions, ({ partition }) => ({ partition, offset: '' }))
    const fetch = this.#link.ask((coordinator) => coordinator.offsetFetch({ groupId, topics }))
    const answer = (await withDeadline(fetch, REQUEST_DEADLINE_MS, `asking for offsets of group ${groupId}`)) as unknown as OffsetsAnswer
    const found = answer.responses.flatMap(({ topic, partitions }) => partitions.map((each) => ({ topic, ...each })))
    return new Map(
      found
        .filter(({ offset }) => BigInt(offset) >= 0n)
        .map(({ topic, partition, offset, metadata }) => [`${topic}:${partition}`, { next: BigInt(offset), metadata: metadata ?? '' }]),
    )
  }

  async close(): Promise<void> {
    await this.#link.close()
  }
}

interface OffsetsAnswer {
  readonly responses: readonly {
    readonly topic: string
    readonly partitions: readonly { readonly partition: number; readonly offset: string; readonly metadata: string | null }[]
  }[]
}

function byTopic<P extends { readonly topic: string }, T>(
  points: readonly P[],
  map: (point: P) => T,
): { topic: string; partitions: T[] }[] {
  const topics = [...new Set(points.map(({ topic }) => topic))]
  return topics.map((topic) => ({ topic, partitions: points.filter((point) => point.topic === topic).map(map) }))
}
