import type { KafkaRecord } from '../../record.ts'
import type { UndecodableBatch } from '../../wire/fetched-partition.ts'

/** A batch that this bridge cannot read: bad input, for the dead letters. */
export class UndecodableBatchError extends Error {
  override readonly name = 'UndecodableBatchError'
  readonly code = 'BRIDGE_UNDECODABLE_BATCH'
  readonly reason = 'undecodable-batch'
  readonly firstOffset: bigint
  readonly lastOffset: bigint

  constructor({ firstOffset, lastOffset, codec, cause }: UndecodableBatch) {
    super(`offsets ${firstOffset} to ${lastOffset} came as one ${codec} batch that cannot be read: ${cause}`)
    this.firstOffset = firstOffset
    this.lastOffset = lastOffset
  }
}

/** Represents a whole unreadable batch. Its value is the batch as Kafka stores it. */
export class UndecodableRecord implements KafkaRecord {
  readonly topic: string
  readonly partition: number
  readonly offset: bigint
  readonly key = null
  readonly value: Buffer
  readonly headers = {}
  readonly timestamp = 0
  readonly fault: UndecodableBatchError

  constructor({ topic, partition }: { topic: string; partition: number }, batch: UndecodableBatch) {
    this.topic = topic
    this.partition = partition
    this.offset = batch.firstOffset
    this.value = batch.bytes
    this.fault = new UndecodableBatchError(batch)
  }
}

/** The records, with one record for each unreadable batch, in offset order. */
export function withUndecodable(records: readonly KafkaRecord[], undecodable: readonly UndecodableRecord[]): readonly KafkaRecord[] {
  if (undecodable.length === 0) return records
  return [...records, ...undecodable].sort((one, other) => (one.offset < other.offset ? -1 : 1))
}
