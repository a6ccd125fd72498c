import type { LeaderEpochEnd } from '../wire/api/leader-epoch.ts'
import type { FetchedPartition } from '../wire/fetched-partition.ts'

export interface KnownPosition {
  readonly next: bigint
  /** Leader epoch of the last batch read, if known. */
  readonly leaderEpoch?: number | undefined
  /** Id of the topic in which `next` was valid, if known. */
  readonly topicId?: string | undefined
}

/** A position had to move: records are missing between `requested` and `next`, or the records from `next` on are new. */
export interface PositionMove {
  readonly reason: 'expired' | 'topic-made-anew' | 'truncated'
  readonly requested: bigint
  readonly next: bigint
}

export interface PartitionBounds {
  readonly low: bigint
  readonly high: bigint
}

/** Requests to a leader that find out whether a position is still valid. */
export interface PositionQuestions {
  bounds(): Promise<PartitionBounds>
  /** Undefined when the brokers do not provide it. */
  topicId(): Promise<string | undefined>
  epochEnd(leaderEpoch: number): Promise<Pick<LeaderEpochEnd, 'leaderEpoch' | 'endOffset'> | undefined>
}

/** With the pauses between attempts this is far longer than a thawed broker needs to learn that it no longer leads. */
const TRIES_AT_FORMER_LEADER = 100

/**
 * The position of a reader in a partition, with the facts that show when it is no longer valid: the topic was deleted and created again,
 * the oldest records were removed, or the newest were lost by an unclean election or with a disk, even if their offsets are in use
 * again.
 *
 * Offsets alone do not show that. Each batch carries the epoch of the leader that appended it, and a leader's epoch only grows: an epoch
 * newer than that of the last batch means that the log may have diverged from the one that was read, so the leader is asked where.
 */
export class PartitionPosition {
  #next: bigint
  #leaderEpoch: number | undefined
  #topicId: string | undefined
  /** The topic's id in the last answer; it becomes the id of the position once a fetch has succeeded. */
  #askedTopicId: string | undefined
  /** Consecutive refusals by a leader that does not know the epoch of the last batch. */
  #refusals = 0

  constructor({ next, leaderEpoch, topicId }: KnownPosition) {
    this.#next = next
    this.#leaderEpoch = leaderEpoch
    this.#topicId = topicId
  }

  /** The offset to read next. */
  get next(): bigint {
    return this.#next
  }

  get leaderEpoch(): number | undefined {
    return this.#leaderEpoch
  }

  get topicId(): string | undefined {
    return this.#topicId
  }

  /** Moves to an offset on request of the caller. The topic stays the same. */
  seek(next: bigint): void {
    this.#next = next
    this.#leaderEpoch = undefined
  }

  /** An answer was accepted, with or without records: this confirms the topic. */
  advance({ nextOffset, lastLeaderEpoch }: Pick<FetchedPartition, 'nextOffset' | 'lastLeaderEpoch'>): void {
    this.#next = nextOffset
    this.#leaderEpoch = lastLeaderEpoch ?? this.#leaderEpoch
    this.#topicId ??= this.#askedTopicId
    this.#refusals = 0
  }

  /** Whether an answer has another leader epoch than the records read before: then call `checkEpoch` before accepting it. */
  isDoubtful({ firstLeaderEpoch }: Pick<FetchedPartition, 'firstLeaderEpoch'>): boolean {
    return firstLeaderEpoch !== undefined && this.#leaderEpoch !== undefined && firstLeaderEpoch !== this.#leaderEpoch
  }

  /** Moves to the beginning when the topic was created again. */
  async checkTopic(questions: PositionQuestions): Promise<PositionMove | undefined> {
    const requested = this.#next
    const topicId = await questions.topicId()
    this.#askedTopicId = topicId
    if (topicId === undefined || this.#topicId === undefined || topicId === this.#topicId) return undefined
    const { low } = await questions.bounds()
    if (this.#next !== requested) return undefined
    this.#topicId = topicId
    return this.#move('topic-made-anew', low)
  }

  /**
   * After trouble: checks that the partition is still the same, even without new records. An unclean election may have replaced exactly
   * as many records as it lost; then neither offsets nor answers show it.
   */
  async confirm(questions: PositionQuestions): Promise<PositionMove | undefined> {
    const moved = await this.checkTopic(questions)
    if (moved || this.#leaderEpoch === undefined) return moved
    return this.checkEpoch({ firstLeaderEpoch: this.#leaderEpoch + 1 }, questions)
  }

  /**
   * Moves to the offset where the epochs diverge, if it is before the position: the records from there on have not been read. Call it
   * before accepting an answer of another epoch; discard that answer when this moves.
   */
  async checkEpoch(
    { firstLeaderEpoch = 0 }: Pick<FetchedPartition, 'firstLeaderEpoch'>,
    questions: PositionQuestions,
  ): Promise<PositionMove | undefined> {
    const [requested, last] = [this.#next, this.#leaderEpoch]
    if (last === undefined) return undefined
    // A lower epoch than the last one comes with an older copy of the log: records appended to that copy are new.
    const end = await questions.epochEnd(firstLeaderEpoch > last ? last : firstLeaderEpoch - 1)
    if (!end || end.endOffset >= requested || this.#next !== requested) return undefined
    return this.#move('truncated', end.endOffset, end.leaderEpoch)
  }

  /**
   * Moves to a readable offset after the leader refused the current one. Undefined when the request should be repeated: the offset
   * exists after all, or the answer came from a former leader that does not know its successor yet.
   */
  async findPlace(questions: PositionQuestions): Promise<PositionMove | undefined> {
    const [requested, last] = [this.#next, this.#leaderEpoch]
    const anew = await this.checkTopic(questions)
    if (anew) return anew
    const { low, high } = await questions.bounds()
    const isBeyond = requested > high
    const end = isBeyond && last !== undefined ? await questions.epochEnd(last) : undefined
    if (this.#next !== requested) return undefined
    if (requested < low) return this.#move('expired', low)
    if (!isBeyond) return undefined
    const isSameTopic = this.#topicId !== undefined && this.#topicId === this.#askedTopicId
    if (isSameTopic && last !== undefined && !end && ++this.#refusals < TRIES_AT_FORMER_LEADER) return undefined
    if (isSameTopic && end && end.endOffset < requested) {
      return this.#move('truncated', end.endOffset < low ? low : end.endOffset, end.leaderEpoch)
    }
    // When the topic's id is unknown: a topic that begins at 0 was most likely created again, and is read completely.
    return isSameTopic || low > 0n ? this.#move('truncated', high) : this.#move('topic-made-anew', low)
  }

  #move(reason: PositionMove['reason'], next: bigint, leaderEpoch?: number): PositionMove {
    const requested = this.#next
    this.#next = next
    this.#leaderEpoch = leaderEpoch
    return { reason, requested, next }
  }
}
