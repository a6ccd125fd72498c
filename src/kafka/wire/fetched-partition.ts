import type { KafkaRecord } from '../record.ts'

/** What a fetch brought of one partition, as a reader with isolation level read_committed gets it. */
export interface FetchedPartition {
  readonly topic: string
  readonly partition: number
  /** Kafka's error code, 0 for none. With an error there is nothing else. */
  readonly errorCode: number
  /** In order, from the offset asked for. Aborted records and control markers are not among them. */
  readonly records: KafkaRecord[]
  /** In order. Batches whose records cannot be read; nothing of them is among the records. */
  readonly undecodable: readonly UndecodableBatch[]
  /**
   * Where to go on: behind the last batch of the answer that was taken, whether or not it held a record for readers. When only a
   * part of the answer was taken, since it is large, the offset behind that part.
   */
  readonly nextOffset: bigint
  readonly highWatermark: bigint
  /** Where the first open transaction begins; the end of the log for readers. */
  readonly lastStableOffset: bigint
  readonly logStartOffset: bigint
  /** Of the first and the last batch that was taken, undefined when there was none. */
  readonly firstLeaderEpoch: number | undefined
  readonly lastLeaderEpoch: number | undefined
}

/** A batch that cannot be decompressed, or holds something that is no records: bad input, for the dead letters. */
export interface UndecodableBatch {
  /** The first offset that is lost: that of the batch, or the offset asked for. */
  readonly firstOffset: bigint
  readonly lastOffset: bigint
  /** How many records the batch says it has. */
  readonly records: number
  readonly codec: string
  readonly cause: string
  /** The whole batch as Kafka stores it. */
  readonly bytes: Buffer
}

/** For the log. */
export function describeUndecodable({ firstOffset, lastOffset, codec, cause }: UndecodableBatch): string {
  return `offsets ${firstOffset} to ${lastOffset} came as one ${codec} batch that cannot be read: ${cause}`
}
