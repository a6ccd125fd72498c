import { FETCH } from '../wire/api/fetch.ts'
import { type LeaderEpochEnd, OFFSET_FOR_LEADER_EPOCH } from '../wire/api/leader-epoch.ts'
import { EARLIEST, LATEST, LIST_OFFSETS } from '../wire/api/list-offsets.ts'
import { TOPIC_METADATA } from '../wire/api/topic-metadata.ts'
import { KafkaAnswerError } from '../wire/error-codes.ts'
import type { FetchedPartition } from '../wire/fetched-partition.ts'
import { partitionError } from './fetch-request.ts'
import { sendRequest, UnsupportedApiError } from './raw-request.ts'
import { type Leader, NoLeaderError, type TopicLink } from './topic-link.ts'
import { kafkaErrorType, troubleOf } from './trouble.ts'

export interface PartitionFetchOptions {
  readonly maxBytes: number
  /** 0: the broker answers at once. */
  readonly maxWaitMs: number
}

export interface PartitionAnswer {
  /** A quota is used up: no further request should be sent for this long. */
  readonly throttledMs: number
  /** Undefined when a throttled broker left the partition out. */
  readonly fetched: FetchedPartition | undefined
}

const NO_ID = '0'.repeat(32)

/** The requests of a reader to the leader of one partition. After a leader change the next request looks the leader up again. */
export class PartitionLink {
  readonly #topic: string
  readonly #partition: number
  readonly #link: TopicLink

  constructor({ topic, partition }: { topic: string; partition: number }, { link }: { link: TopicLink }) {
    this.#topic = topic
    this.#partition = partition
    this.#link = link
  }

  /** Records from an offset on. Rejects with the partition's error, such as OFFSET_OUT_OF_RANGE. */
  async fetch(offset: bigint, { maxBytes, maxWaitMs }: PartitionFetchOptions): Promise<PartitionAnswer> {
    return this.#ask(async ({ broker }) => {
      const request = { partitions: [{ ...this.#name, offset, maxBytes }], maxWaitMs, maxBytes }
      const { throttledMs, answer } = await sendRequest(broker, FETCH, request)
      const fetched = this.#find(answer)
      if (!fetched && throttledMs === 0) throw new NoLeaderError(`the broker did not answer for ${this.#topic}:${this.#partition}`)
      const error = fetched && partitionError(fetched)
      if (error) throw error
      return { throttledMs, fetched }
    })
  }

  /** The oldest offset, and the end for readers: the last stable offset. */
  async bounds(): Promise<{ low: bigint; high: bigint }> {
    return { low: await this.#offset(EARLIEST), high: await this.#offset(LATEST) }
  }

  /** The first offset at or after a time in milliseconds since the epoch; the end when all records are older. */
  async offsetAt(time: number): Promise<bigint> {
    const offset = await this.#offset(Math.max(0, time))
    return offset < 0n ? this.#offset(LATEST) : offset
  }

  async earliest(): Promise<bigint> {
    return this.#offset(EARLIEST)
  }

  async latest(): Promise<bigint> {
    return this.#offset(LATEST)
  }

  /** The id that distinguishes topics of the same name; undefined when the brokers are too old to provide it. */
  async topicId(): Promise<string | undefined> {
    return this.#askIfKnown(async ({ broker }) => {
      const { answer } = await sendRequest(broker, TOPIC_METADATA, [this.#topic])
      const found = answer.find(({ topic }) => topic === this.#topic)
      if (found?.errorCode) throw new KafkaAnswerError(found.errorCode, `asked for topic ${this.#topic} the broker answered`)
      return found?.id === NO_ID ? undefined : found?.id
    })
  }

  /** Where a leader epoch ends in the leader's log; undefined when unknown. */
  async epochEnd(leaderEpoch: number): Promise<LeaderEpochEnd | undefined> {
    return this.#askIfKnown(async ({ broker }) => {
      const { answer } = await sendRequest(broker, OFFSET_FOR_LEADER_EPOCH, [{ ...this.#name, leaderEpoch }])
      const end = this.#find(answer)
      const error = end && partitionError(end)
      if (error) throw error
      return end && end.endOffset >= 0n ? end : undefined
    })
  }

  get #name(): { topic: string; partition: number } {
    return { topic: this.#topic, partition: this.#partition }
  }

  async #offset(time: number): Promise<bigint> {
    return this.#ask(async ({ broker }) => {
      const { answer } = await sendRequest(broker, LIST_OFFSETS, [{ ...this.#name, time }])
      const listed = this.#find(answer)
      if (!listed) throw new NoLeaderError(`no offset of ${this.#topic}:${this.#partition} was answered`)
      const error = partitionError(listed)
      if (error) throw error
      return listed.offset
    })
  }

  #find<T extends { topic: string; partition: number }>(answers: readonly T[]): T | undefined {
    return answers.find(({ topic, partition }) => topic === this.#topic && partition === this.#partition)
  }

  async #ask<T>(question: (leader: Leader) => Promise<T>): Promise<T> {
    let leader: Leader | undefined
    try {
      leader = await this.#link.leader(this.#partition)
      return await question(leader)
    } catch (error) {
      if (!isOutOfRange(error)) this.#link.failed(this.#partition, error, leader)
      throw error
    }
  }

  /** Undefined when the broker refuses, because of its version or an ACL. */
  async #askIfKnown<T>(question: (leader: Leader) => Promise<T>): Promise<T | undefined> {
    try {
      return await this.#ask(question)
    } catch (error) {
      if (error instanceof UnsupportedApiError || troubleOf(error) === 'unauthorized') return undefined
      throw error
    }
  }
}

/** The offset is before the oldest record of its partition, or beyond its end. */
export function isOutOfRange(error: unknown): boolean {
  return kafkaErrorType(error) === 'OFFSET_OUT_OF_RANGE'
}
