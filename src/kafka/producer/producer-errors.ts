/** The producer's queue is full: Kafka does not take what comes in. The caller slows down or tries again later. */
export class LaneFullError extends Error {
  override readonly name = 'LaneFullError'
  readonly code = 'BRIDGE_LANE_FULL'
}

/** Kafka will never take this record, most often since it is larger than the topic allows. */
export class RecordRefusedError extends Error {
  override readonly name = 'RecordRefusedError'
  readonly code = 'BRIDGE_RECORD_REFUSED'
  readonly reason = 'refused-by-kafka'
}

/** The producer stopped before Kafka acknowledged the record; it may be in the topic all the same. */
export class ProducerStoppedError extends Error {
  override readonly name = 'ProducerStoppedError'
  readonly code = 'BRIDGE_PRODUCER_STOPPED'
}
