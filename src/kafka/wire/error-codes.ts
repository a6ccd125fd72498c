interface KnownError {
  readonly type: string
  /** Whether the same request may succeed later, or at another broker. */
  readonly retriable: boolean
}

/** Errors that brokers return for a partition in answers that are decoded here. Names as in kafkajs. */
const ERRORS: Readonly<Record<number, KnownError>> = {
  [-1]: { type: 'UNKNOWN', retriable: true },
  1: { type: 'OFFSET_OUT_OF_RANGE', retriable: true },
  2: { type: 'CORRUPT_MESSAGE', retriable: true },
  3: { type: 'UNKNOWN_TOPIC_OR_PARTITION', retriable: true },
  5: { type: 'LEADER_NOT_AVAILABLE', retriable: true },
  6: { type: 'NOT_LEADER_FOR_PARTITION', retriable: true },
  7: { type: 'REQUEST_TIMED_OUT', retriable: true },
  8: { type: 'BROKER_NOT_AVAILABLE', retriable: true },
  9: { type: 'REPLICA_NOT_AVAILABLE', retriable: true },
  17: { type: 'INVALID_TOPIC_EXCEPTION', retriable: false },
  29: { type: 'TOPIC_AUTHORIZATION_FAILED', retriable: false },
  31: { type: 'CLUSTER_AUTHORIZATION_FAILED', retriable: false },
  35: { type: 'UNSUPPORTED_VERSION', retriable: false },
  42: { type: 'INVALID_REQUEST', retriable: false },
  43: { type: 'UNSUPPORTED_FOR_MESSAGE_FORMAT', retriable: false },
  56: { type: 'KAFKA_STORAGE_ERROR', retriable: true },
  74: { type: 'FENCED_LEADER_EPOCH', retriable: true },
  75: { type: 'UNKNOWN_LEADER_EPOCH', retriable: true },
  76: { type: 'UNSUPPORTED_COMPRESSION_TYPE', retriable: false },
  78: { type: 'OFFSET_NOT_AVAILABLE', retriable: true },
  109: { type: 'OFFSET_MOVED_TO_TIERED_STORAGE', retriable: true },
}

/** A broker answered a request with one of Kafka's error codes. */
export class KafkaAnswerError extends Error {
  override readonly name = 'KafkaAnswerError'
  /** Kafka's name of the error. */
  readonly type: string
  readonly retriable: boolean

  constructor(code: number, what: string) {
    const { type, retriable } = ERRORS[code] ?? { type: `ERROR_${code}`, retriable: true }
    super(`${what}: ${type}`)
    this.type = type
    this.retriable = retriable
  }
}
