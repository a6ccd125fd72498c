/** The meaning of a failed call to Kafka for its caller. */
export type Trouble =
  /** The record itself will never be accepted. */
  | 'refused'
  /** The timestamp is not accepted: our clock or the broker's is wrong, but the record is valid. */
  | 'clock'
  /** The topic does not exist. */
  | 'missing'
  /** The bridge's user may not do this. */
  | 'unauthorized'
  /** User, password or certificate is not accepted. */
  | 'unauthenticated'
  /** The broker has forgotten the producer's state, or the state does not fit: a new producer id is needed. */
  | 'forgotten'
  /** The batch is in the log already. */
  | 'duplicate'
  /** No answer, or an answer of a broker that no longer leads or waits for replicas: temporary. */
  | 'away'
  /** Kafka answered with another error. */
  | 'failed'
  /** An error unrelated to Kafka. */
  | 'internal'

const BY_TYPE: Readonly<Record<string, Trouble>> = {
  MESSAGE_TOO_LARGE: 'refused',
  RECORD_LIST_TOO_LARGE: 'refused',
  INVALID_RECORD: 'refused',
  UNSUPPORTED_FOR_MESSAGE_FORMAT: 'refused',
  INVALID_TIMESTAMP: 'clock',
  UNKNOWN_TOPIC_OR_PARTITION: 'missing',
  INVALID_TOPIC_EXCEPTION: 'missing',
  TOPIC_AUTHORIZATION_FAILED: 'unauthorized',
  GROUP_AUTHORIZATION_FAILED: 'unauthorized',
  CLUSTER_AUTHORIZATION_FAILED: 'unauthorized',
  SASL_AUTHENTICATION_FAILED: 'unauthenticated',
  UNSUPPORTED_SASL_MECHANISM: 'unauthenticated',
  ILLEGAL_SASL_STATE: 'unauthenticated',
  OUT_OF_ORDER_SEQUENCE_NUMBER: 'forgotten',
  UNKNOWN_PRODUCER_ID: 'forgotten',
  INVALID_PRODUCER_EPOCH: 'forgotten',
  INVALID_PRODUCER_ID_MAPPING: 'forgotten',
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

/** Errors of our own client about an answer of a broker. */
const KAFKA_NAMES = new Set(['UnexpectedAnswerError', 'OffsetOutOfRangeError'])
const NETWORK_CODES = /^(E[A-Z]+|ERR_SOCKET_\w+)$/
const CERTIFICATE_CODES = /^(CERT_|ERR_TLS_|ERR_SSL_|ERR_OSSL_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_)/

/** kafkajs nests errors; the innermost meaningful one counts. */
export function troubleOf(error: unknown): Trouble {
  for (const each of causes(error)) {
    const known = each.type === undefined ? undefined : BY_TYPE[each.type]
    if (known) return known
    if (each.name === 'KafkaJSSASLAuthenticationError') return 'unauthenticated'
    if (each.code !== undefined && CERTIFICATE_CODES.test(String(each.code))) return 'unauthenticated'
  }
  const chain = causes(error)
  if (chain.some((each) => AWAY_NAMES.has(each.name) || (each.type !== undefined && each.retriable === true))) return 'away'
  return chain.some(isOfKafka) ? 'failed' : 'internal'
}

/** An error in Kafka's answer, of kafkajs, of the network, or of our own decoding of an answer; any other error is our own fault. */
function isOfKafka({ name, type, code }: KafkaErrorShape): boolean {
  if (type !== undefined || name.startsWith('KafkaJS') || KAFKA_NAMES.has(name)) return true
  return typeof code === 'string' && (NETWORK_CODES.test(code) || code.startsWith('BRIDGE_'))
}

/** Kafka's own name of the error, such as REBALANCE_IN_PROGRESS; undefined for other errors. */
export function kafkaErrorType(error: unknown): string | undefined {
  return causes(error).find((each) => each.type !== undefined)?.type
}

const BROKER_ADDRESS = / [\w.:[\]-]+:\d+\b/g

/** One sentence for an operator: what is wrong with which thing, and what to do. */
export function describeTrouble(
  error: unknown,
  { brokers, topics = [], group = 'the bridge' }: { brokers: readonly string[]; topics?: readonly string[]; group?: string },
): string {
  const named = topics.length === 0 ? 'a topic' : topics.length === 1 ? `topic ${topics[0]}` : `one of the topics ${topics.join(', ')}`
  const message = error instanceof Error ? error.message : String(error)
  switch (troubleOf(error)) {
    case 'missing':
      return `${named} does not exist: create it with \`gossip-bridge topics create\``
    case 'unauthorized':
      return `Kafka denies access to ${named} (${message}): grant the bridge's user the permissions that docs/kafka.md lists`
    case 'unauthenticated':
      return `Kafka does not accept the bridge's credentials or certificate (${message}): check kafka_sasl_* and kafka_ssl_*`
    case 'clock':
      return `Kafka refuses our timestamps for ${named} (${message}): check the clocks of this host and of the brokers; trying again with other times`
    case 'away':
      if (kafkaErrorType(error)) return `Kafka at ${brokers.join(', ')} is not ready (${message}): trying again until it is`
      // Without the address of the last broker: it differs with each attempt, and the same state would be reported repeatedly.
      return `Kafka at ${brokers.join(', ')} does not answer (${message.replace(BROKER_ADDRESS, '')}): trying again until it does`
    case 'internal':
      return isProgramFault(error)
        ? `a fault in the bridge itself, not in Kafka (${error.name}: ${message}): trying again; please report it`
        : `${message}: trying again`
    default:
      return BY_ERROR[kafkaErrorType(error) ?? '']?.(group) ?? `Kafka fails (${message}): trying again`
  }
}

/** Errors of groups whose own message does not say what to do. */
const BY_ERROR: Readonly<Record<string, (group: string) => string>> = {
  INVALID_SESSION_TIMEOUT: () =>
    'the brokers do not allow this kafka_session_timeout: set it within their group.min.session.timeout.ms and group.max.session.timeout.ms',
  // A share group keeps its name when its last member has left, so waiting does not help; any other group without members lets us in.
  INCONSISTENT_GROUP_PROTOCOL: (group) =>
    `the name of the group ${group} is taken by a group of another kind: a program with another protocol, which needs a group of its own, or ` +
    `a share group, which keeps the name until it is deleted (\`kafka-share-groups --bootstrap-server BROKER --delete --group ${group}\`); ` +
    'or set another bridge_id; trying again',
}

/** Errors that JavaScript itself throws for a wrong program. */
function isProgramFault(error: unknown): error is Error {
  return [TypeError, RangeError, ReferenceError, SyntaxError].some((kind) => error instanceof kind)
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
