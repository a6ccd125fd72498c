import type { LeaderEpochEnd } from '../wire/api/leader-epoch.ts'
import type { FetchedPartition } from '../wire/fetched-partition.ts'

export interface KnownPosition {
  readonly next: bigint
  /** Of the last batch that was read, where it is known. */
  readonly leaderEpoch?: number | undefined
  /** Of the topic in which `next` was right, where it is known. */
  readonly topicId?: string | undefined
}

/** A position had to go elsewhere: records are missing between `requested` and `next`, or those from `next` on are new. */
export interface PositionMove {
  readonly reason: 'expired' | 'topic-made-anew' | 'truncated'
  readonly requested: bigint
  readonly next: bigint
}

export interface PartitionBounds {
  readonly low: bigint
  readonly high: bigint
}

/** What is asked of a leader to find out what has become of a position. */
export interface PositionQuestions {
  bounds(): Promise<PartitionBounds>
  /** Undefined where brokers do not say. */
  topicId(): Promise<string | undefined>
  epochEnd(leaderEpoch: number): Promise<Pick<LeaderEpochEnd, 'leaderEpoch' | 'endOffset'> | undefined>
}

/** With the pauses between the tries this is far longer than a broker that was frozen takes to hear that it no longer leads. */
const TRIES_AT_FORMER_LEADER = 100

/**
 * Where a reader stands in a partition, and what it needs to notice that its place is gone: the topic deleted and created again, the
 * oldest records removed, or the newest ones lost by an unclean election or with a disk, even if their offsets are in use again.
 *
 * Offsets alone do not show that. Each batch carries the epoch of the leader that appended it, and a leader's epoch only grows: a newer
 * one than that of the last batch means that the log may have parted from the one that was read, and where it did is asked.
 */
export class PartitionPosition {
  #next: bigint
  #leaderEpoch: number | undefined
  #topicId: string | undefined
  /** The topic's id by the last answer, which counts as that of the position once a fetch has succeeded. */
  #askedTopicId: string | undefined
  /** Refusals in a row by a leader that does not know the epoch of the last batch. */
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

  /** Goes to an offset by somebody's wish. The topic stays the same. */
  seek(next: bigint): void {
    this.#next = next
    this.#leaderEpoch = undefined
  }

  /** An answer was taken, with or without records: so the topic that was asked for is the right one. */
  advance({ nextOffset, lastLeaderEpoch }: Pick<FetchedPartition, 'nextOffset' | 'lastLeaderEpoch'>): void {
    this.#next = nextOffset
    this.#leaderEpoch = lastLeaderEpoch ?? this.#leaderEpoch
    this.#topicId ??= this.#askedTopicId
    this.#refusals = 0
  }

  /** Whether an answer was appended under another leader epoch than what was read before: then ask `checkEpoch` before taking it. */
  isDoubtful({ firstLeaderEpoch }: Pick<FetchedPartition, 'firstLeaderEpoch'>): boolean {
    return firstLeaderEpoch !== undefined && this.#leaderEpoch !== undefined && firstLeaderEpoch !== this.#leaderEpoch
  }

  /** Moves to the beginning when the topic is another one than it was. */
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
   * After trouble: whether the partition is still the one that was read, even if nothing new is in it. An unclean election may have replaced
   * just as many records as it lost, and then no offset and no answer shows it.
   */
  async confirm(questions: PositionQuestions): Promise<PositionMove | undefined> {
    const moved = await this.checkTopic(questions)
    if (moved || this.#leaderEpoch === undefined) return moved
    return this.checkEpoch({ firstLeaderEpoch: this.#leaderEpoch + 1 }, questions)
  }

  /**
   * Moves to where the epochs part, when that is before the position: all that stands from there on has not been read. To be asked
   * before an answer of another epoch is taken, which has to be thrown away when this moves.
   */
  async checkEpoch(
    { firstLeaderEpoch = 0 }: Pick<FetchedPartition, 'firstLeaderEpoch'>,
    questions: PositionQuestions,
  ): Promise<PositionMove | undefined> {
    const [requested, last] = [this.#next, this.#leaderEpoch]
    if (last === undefined) return undefined
    // An epoch below the last one comes with an older copy of the log: what was appended to that is new.
    const end = await questions.epochEnd(firstLeaderEpoch > last ? last : firstLeaderEpoch - 1)
    if (!end || end.endOffset >= requested || this.#next !== requested) return undefined
    return this.#move('truncated', end.endOffset, end.leaderEpoch)
  }

  /**
   * Moves to where the topic can be read again after its leader refused the offset. Undefined when it should be asked again: the
   * offset is there after all, or the one that answered is a former leader that does not know of its successor yet.
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
    // Where the topic's id is not known: one that begins at 0 was most likely created again, and is read whole.
    return isSameTopic || low > 0n ? this.#move('truncated', high) : this.#move('topic-made-anew', low)
  }

  #move(reason: PositionMove['reason'], next: bigint, leaderEpoch?: number): PositionMove {
    const requested = this.#next
    this.#next = next
    this.#leaderEpoch = leaderEpoch
    return { reason, requested, next }
  }
}
