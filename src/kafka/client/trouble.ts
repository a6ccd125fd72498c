/** What a failed call to Kafka means for the one who made it. */
export type Trouble =
  /** The record itself will never be taken. */
  | 'refused-record'
  | 'missing-topic'
  | 'rights'
  /** User, password or certificate. */
  | 'credentials'
  /** The broker has forgotten the producer's state, or it does not fit: a new producer id is needed. */
  | 'producer-state'
  /** The batch is in the log already. */
  | 'duplicate'
  /** Answered by a broker that no longer leads, is away, frozen or waits for replicas: comes back by itself. */
  | 'away'
  | 'other'

const BY_TYPE: Readonly<Record<string, Trouble>> = {
  MESSAGE_TOO_LARGE: 'refused-record',
  RECORD_LIST_TOO_LARGE: 'refused-record',
  INVALID_RECORD: 'refused-record',
  INVALID_TIMESTAMP: 'refused-record',
  UNSUPPORTED_FOR_MESSAGE_FORMAT: 'refused-record',
  UNKNOWN_TOPIC_OR_PARTITION: 'missing-topic',
  INVALID_TOPIC_EXCEPTION: 'missing-topic',
  TOPIC_AUTHORIZATION_FAILED: 'rights',
  GROUP_AUTHORIZATION_FAILED: 'rights',
  CLUSTER_AUTHORIZATION_FAILED: 'rights',
  SASL_AUTHENTICATION_FAILED: 'credentials',
  UNSUPPORTED_SASL_MECHANISM: 'credentials',
  ILLEGAL_SASL_STATE: 'credentials',
  OUT_OF_ORDER_SEQUENCE_NUMBER: 'producer-state',
  UNKNOWN_PRODUCER_ID: 'producer-state',
  INVALID_PRODUCER_EPOCH: 'producer-state',
  INVALID_PRODUCER_ID_MAPPING: 'producer-state',
  DUPLICATE_SEQUENCE_NUMBER: 'duplicate',
}

const AWAY_NAMES = new Set([
  'KafkaJSConnectionError',
  'KafkaJSConnectionClosedError',
  'KafkaJSRequestTimeoutError',
  'KafkaJSBrokerNotFound',
  'KafkaJSNoBrokerAvailableError',
  'KafkaJSGroupCoordinatorNotFound',
  'KafkaJSMetadataNotLoaded',
  'KafkaJSTopicMetadataNotLoaded',
  'DeadlineError',
  'NoLeaderError',
  'CoordinatorSilentError',
])

const CERTIFICATE_CODES = /^(CERT_|ERR_TLS_|ERR_SSL_|ERR_OSSL_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_)/

/** kafkajs wraps errors into each other; the innermost that says something counts. */
export function troubleOf(error: unknown): Trouble {
  for (const each of causes(error)) {
    const known = each.type === undefined ? undefined : BY_TYPE[each.type]
    if (known) return known
    if (each.name === 'KafkaJSSASLAuthenticationError') return 'credentials'
    if (each.code !== undefined && CERTIFICATE_CODES.test(String(each.code))) return 'credentials'
  }
  const isAway = causes(error).some((each) => AWAY_NAMES.has(each.name) || (each.type !== undefined && each.retriable === true))
  return isAway ? 'away' : 'other'
}

/** Kafka's own name of the error, such as REBALANCE_IN_PROGRESS, or undefined for others. */
export function kafkaErrorType(error: unknown): string | undefined {
  return causes(error).find((each) => each.type !== undefined)?.type
}

const BROKER_ADDRESS = / [\w.:[\]-]+:\d+\b/g

/** One sentence for an operator: what is wrong with which thing, and what to do. */
export function describeTrouble(
  error: unknown,
  { brokers, topics = [] }: { brokers: readonly string[]; topics?: readonly string[] },
): string {
  const named = topics.length === 0 ? 'a topic' : topics.length === 1 ? `topic ${topics[0]}` : `one of the topics ${topics.join(', ')}`
  const message = error instanceof Error ? error.message : String(error)
  switch (troubleOf(error)) {
    case 'missing-topic':
      return `${named} does not exist: make it with \`gossip-bridge topics create\``
    case 'rights':
      return `Kafka denies access to ${named} (${message}): give the bridge's user the rights listed in the README`
    case 'credentials':
      return `Kafka does not accept the bridge's credentials or certificate (${message}): check kafka_sasl_* and kafka_ssl_*`
    case 'away':
      if (kafkaErrorType(error)) return `Kafka at ${brokers.join(', ')} is not ready (${message}): trying again until it is`
      // Without the one broker that was asked last: each asks another, and the same state would be said again and again.
      return `Kafka at ${brokers.join(', ')} does not answer (${message.replace(BROKER_ADDRESS, '')}): trying again until it does`
    default:
      return `Kafka fails (${message}): trying again`
  }
}

interface KafkaErrorShape {
  readonly name: string
  readonly type?: string
  readonly code?: unknown
  readonly retriable?: boolean
  readonly cause?: unknown
}

function causes(error: unknown): KafkaErrorShape[] {
  const chain: KafkaErrorShape[] = []
  let current = error
  while (current instanceof Error && chain.length < 8) {
    const shape = current as KafkaErrorShape
    chain.push(shape)
    current = shape.cause
  }
  return chain
}
