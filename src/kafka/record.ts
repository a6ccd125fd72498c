/** A record as read from Kafka. Header values are text; of repeated headers the last one is kept. */
export interface KafkaRecord {
  readonly topic: string
  readonly partition: number
  readonly offset: bigint
  readonly key: Buffer | null
  /** Null is a tombstone. */
  readonly value: Buffer | null
  readonly headers: Readonly<Record<string, string>>
  /** The bytes of a header that is not text; those of its text where this is missing. */
  headerBytes?(name: string): Buffer | undefined
  /** Milliseconds since the epoch, by the broker's clock if the topic has LogAppendTime. */
  readonly timestamp: number
  /** True when the producer stamped the record (CreateTime): only a broker's time shows when it was written. */
  readonly isProducerTime?: boolean
}

/** A record to be written. A null value is a tombstone for compacted topics. */
export interface OutgoingRecord {
  /** Text, or bytes of any kind. */
  readonly key: string | Buffer | null
  readonly value: Buffer | null
  readonly headers: Readonly<Record<string, string>>
}

/** The place that the broker gave to a record. */
export interface Ack {
  readonly topic: string
  readonly partition: number
  readonly offset: bigint
}
