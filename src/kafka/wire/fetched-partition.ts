import type { KafkaRecord } from '../record.ts'

/** The result of a fetch for one partition, for a reader with isolation level read_committed. */
export interface FetchedPartition {
  readonly topic: string
  readonly partition: number
  /** Kafka's error code, 0 without an error. With an error there is nothing else. */
  readonly errorCode: number
  /** In order, from the requested offset on, without aborted records and control markers. */
  readonly records: KafkaRecord[]
  /** Batches whose records cannot be read, in order; `records` contains none of their records. */
  readonly undecodable: readonly UndecodableBatch[]
  /**
   * The offset at which to continue: after the last decoded batch of the answer, whether or not it had a record for readers. When only a
   * part of a large answer was decoded, the offset after that part.
   */
  readonly nextOffset: bigint
  readonly highWatermark: bigint
  /** Where the first open transaction begins; the end of the log for readers. */
  readonly lastStableOffset: bigint
  readonly logStartOffset: bigint
  /** Leader epochs of the first and the last decoded batch; undefined without one. */
  readonly firstLeaderEpoch: number | undefined
  readonly lastLeaderEpoch: number | undefined
}

/** A batch that cannot be decompressed, or whose content is not records: bad input, for the dead letters. */
export interface UndecodableBatch {
  /** The first lost offset: that of the batch, or the requested one. */
  readonly firstOffset: bigint
  readonly lastOffset: bigint
  /** The number of records according to the batch. */
  readonly records: number
  readonly codec: string
  readonly cause: string
  /** The whole batch as Kafka stores it. */
  readonly bytes: Buffer
}

/** Text for the log. */
export function describeUndecodable({ firstOffset, lastOffset, codec, cause }: UndecodableBatch): string {
  return `offsets ${firstOffset} to ${lastOffset} came as one ${codec} batch that cannot be read: ${cause}`
}
