import type { Logger } from 'pino'
import type { Clock } from '../../lifecycle/clock.ts'
import type { KafkaConnection } from '../client/connection.ts'
import { PartitionLink } from '../client/partition-link.ts'
import { TopicLink } from '../client/topic-link.ts'
import type { KafkaRecord } from '../record.ts'
import { describeUndecodable, type FetchedPartition } from '../wire/fetched-partition.ts'
import { PartitionCursor } from './partition-cursor.ts'
import { ReadingRetries } from './reading-retries.ts'

export interface PartitionReaderOptions {
  readonly topic: string
  /** 0 by default, for topics with one partition. */
  readonly partition?: number
  /** A read that no broker answers in this time fails. Time in which a quota delays it does not count. */
  readonly deadlineMs?: number
}

export interface PartitionReaderDeps {
  readonly kafka: KafkaConnection
  readonly log: Logger
  readonly clock: Pick<Clock, 'steady'>
  /** Called for each throttled answer: a quota of the cluster delays the next request by `ms`. */
  readonly onThrottled?: (ms: number) => void
}

export interface ReadAnswer {
  readonly records: KafkaRecord[]
  /**
   * The offset at which to continue: after the whole answer, batches without records for readers included. While it is below `high` it
   * is greater than the requested offset, so a loop up to `high` ends.
   */
  readonly next: bigint
  /** The end for readers: the last stable offset. */
  readonly high: bigint
}

/** Reads one partition answer by answer. */
export type FollowCursor = Pick<PartitionCursor, 'next' | 'readOn'>

/** Random reads of one partition, over its own connections: otherwise a read would wait for a tail's long poll. */
export interface PartitionReader {
  /** Records from the offset on, possibly fewer than exist; none at the end. */
  read(from: bigint, options?: { maxBytes?: number }): Promise<ReadAnswer>
  /** A cursor for a reader that stays: it notices when its offsets hold other records. */
  follow(from: bigint): FollowCursor
  /** The oldest offset, and the end for readers: the last stable offset. */
  bounds(): Promise<{ low: bigint; high: bigint }>
  /** The first offset at or after that time (ms since the epoch); the end when all records are older. */
  offsetAt(timeMs: number): Promise<bigint>
  stop(): Promise<void>
}

const DEFAULT_READ_BYTES = 1 << 20

export function createPartitionReader(options: PartitionReaderOptions, deps: PartitionReaderDeps): PartitionReader {
  const { topic, partition = 0, deadlineMs = 15_000 } = options
  const { kafka, log, clock, onThrottled } = deps
  const topicLink = new TopicLink({ topic }, { kafka, clock })
  const link = new PartitionLink({ topic, partition }, { link: topicLink })
  const ended = new AbortController()
  const { signal } = ended
  const retries = new ReadingRetries({ topic, deadlineMs, brokers: kafka.brokers }, { clock, signal, ...(onThrottled && { onThrottled }) })
  const report = ({ undecodable }: FetchedPartition) => {
    for (const batch of undecodable) log.warn({ topic, partition, reason: describeUndecodable(batch) }, 'records skipped')
  }
  return {
    async read(from, { maxBytes = DEFAULT_READ_BYTES } = {}) {
      const fetched = await retries.fetch(() => link.fetch(from, { maxBytes, maxWaitMs: 0 }))
      report(fetched)
      return { records: fetched.records, next: fetched.nextOffset, high: fetched.lastStableOffset }
    },
    follow(from) {
      return new PartitionCursor({ from, maxBytes: DEFAULT_READ_BYTES }, { link, retries, clock, signal, onFetched: report })
    },
    bounds: () => retries.ask(() => link.bounds()),
    offsetAt: (timeMs) => retries.ask(() => link.offsetAt(timeMs)),
    async stop() {
      ended.abort()
      await topicLink.close()
    },
  }
}

/** Runs `work` with a reader of one partition, and stops the reader afterwards. */
export async function withPartitionReader<T>(
  options: PartitionReaderOptions,
  deps: PartitionReaderDeps,
  work: (reader: PartitionReader) => Promise<T>,
): Promise<T> {
  const reader = createPartitionReader(options, deps)
  try {
    return await work(reader)
  } finally {
    await reader.stop()
  }
}
