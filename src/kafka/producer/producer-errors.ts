/** The producer's queue is full, because Kafka is slower than the callers. The caller slows down or retries later. */
export class LaneFullError extends Error {
  override readonly name = 'LaneFullError'
  readonly code = 'BRIDGE_LANE_FULL'
}

/** Kafka will never accept this record, usually because it is larger than the topic allows. */
export class RecordRefusedError extends Error {
  override readonly name = 'RecordRefusedError'
  readonly code = 'BRIDGE_RECORD_REFUSED'
  readonly reason = 'refused-by-kafka'
}

/** The producer stopped before Kafka acknowledged the record; it may still be in the topic. */
export class ProducerStoppedError extends Error {
  override readonly name = 'ProducerStoppedError'
  readonly code = 'BRIDGE_PRODUCER_STOPPED'
}
