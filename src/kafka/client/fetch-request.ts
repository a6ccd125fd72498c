import type { Broker } from 'kafkajs'
import { FETCH, type FetchPartition } from '../wire/api/fetch.ts'
import { KafkaAnswerError } from '../wire/error-codes.ts'
import type { FetchedPartition } from '../wire/fetched-partition.ts'
import { sendRequest } from './raw-request.ts'

export interface FetchOptions {
  /** How long the broker waits for records where it has none. 0: it answers at once. */
  readonly maxWaitMs: number
  /** Of the whole answer. The broker fills it in the order of the partitions, so give them in another order each time. */
  readonly maxBytes: number
}

export interface FetchAnswer {
  /** A quota is used up: for so long the connection sends nothing more. The answer is then without records, and without partitions. */
  readonly throttledMs: number
  readonly partitions: readonly FetchedPartition[]
}

/** Asks one broker for records of partitions that it leads, with one request. A partition that fails says so in its errorCode. */
export async function fetchPartitions(
  broker: Broker,
  partitions: readonly FetchPartition[],
  { maxWaitMs, maxBytes }: FetchOptions,
): Promise<FetchAnswer> {
  const { throttledMs, answer } = await sendRequest(broker, FETCH, { partitions, maxWaitMs, maxBytes })
  return { throttledMs, partitions: answer }
}

/** The error of a partition, undefined where there is none. */
export function partitionError({ topic, partition, errorCode }: Pick<FetchedPartition, 'topic' | 'partition' | 'errorCode'>) {
  return errorCode === 0 ? undefined : new KafkaAnswerError(errorCode, `the leader of ${topic}:${partition} answered`)
}
