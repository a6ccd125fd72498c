import { KafkaAnswerError } from '../wire/error-codes.ts'
import type { FetchedPartition } from '../wire/fetched-partition.ts'

/** The error of a partition; undefined without one. */
export function partitionError({ topic, partition, errorCode }: Pick<FetchedPartition, 'topic' | 'partition' | 'errorCode'>) {
  return errorCode === 0 ? undefined : new KafkaAnswerError(errorCode, `the leader of ${topic}:${partition} answered`)
}
