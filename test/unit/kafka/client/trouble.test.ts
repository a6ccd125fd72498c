import { expect, test } from 'vitest'
import { describeTrouble, kafkaErrorType, troubleOf } from '../../../../src/kafka/client/trouble.ts'

const failure = (fields: { name?: string; type?: string; code?: string; retriable?: boolean; cause?: unknown; message?: string }) =>
  Object.assign(new Error(fields.message ?? 'x', { cause: fields.cause }), fields)

test.each([
  [failure({ type: 'MESSAGE_TOO_LARGE', retriable: false }), 'refused'],
  [failure({ type: 'UNKNOWN_TOPIC_OR_PARTITION', retriable: true }), 'missing'],
  [failure({ type: 'TOPIC_AUTHORIZATION_FAILED' }), 'unauthorized'],
  [failure({ name: 'KafkaJSSASLAuthenticationError' }), 'unauthenticated'],
  [failure({ name: 'KafkaJSConnectionError', code: 'DEPTH_ZERO_SELF_SIGNED_CERT' }), 'unauthenticated'],
  [failure({ type: 'OUT_OF_ORDER_SEQUENCE_NUMBER' }), 'forgotten'],
  [failure({ type: 'DUPLICATE_SEQUENCE_NUMBER' }), 'duplicate'],
  [failure({ name: 'KafkaJSConnectionError', code: 'ECONNREFUSED' }), 'away'],
  [failure({ type: 'NOT_ENOUGH_REPLICAS', retriable: true }), 'away'],
  [failure({ name: 'KafkaJSNumberOfRetriesExceeded', cause: failure({ type: 'TOPIC_AUTHORIZATION_FAILED' }) }), 'unauthorized'],
  [failure({ type: 'INVALID_TIMESTAMP' }), 'clock'],
  [failure({ type: 'INVALID_REQUEST' }), 'failed'],
  [failure({ name: 'KafkaJSProtocolError' }), 'failed'],
  [failure({ name: 'UnexpectedAnswerError' }), 'failed'],
  [failure({ code: 'ENOTFOUND' }), 'failed'],
  [new TypeError('ours'), 'internal'],
  [new RangeError('Invalid time value'), 'internal'],
  [new Error('ours as well'), 'internal'],
  ['no error at all', 'internal'],
])('%s is %s', (error, trouble) => {
  expect(troubleOf(error)).toBe(trouble)
})

test("Kafka's own name is found through the wrappers", () => {
  expect(kafkaErrorType(failure({ cause: failure({ type: 'REBALANCE_IN_PROGRESS' }) }))).toBe('REBALANCE_IN_PROGRESS')
  expect(kafkaErrorType(undefined)).toBeUndefined()
})

test.each([
  [failure({ type: 'UNKNOWN_TOPIC_OR_PARTITION' }), /topic blocks does not exist: create it with `gossip-bridge topics create`/],
  [failure({ type: 'TOPIC_AUTHORIZATION_FAILED' }), /denies access to topic blocks .*permissions/],
  [failure({ name: 'KafkaJSSASLAuthenticationError' }), /kafka_sasl_/],
  [failure({ type: 'INVALID_SESSION_TIMEOUT' }), /kafka_session_timeout: set it within their group\.min\.session\.timeout\.ms/],
  [
    failure({ type: 'INCONSISTENT_GROUP_PROTOCOL' }),
    /taken by a group of another kind: a program with another protocol.* a share group.*kafka-share-groups .*--delete/,
  ],
  [failure({ type: 'INVALID_TIMESTAMP' }), /refuses our timestamps for topic blocks .*check the clocks/],
  [failure({ type: 'INVALID_REQUEST', message: 'bad' }), /^Kafka fails \(bad\)/],
  [new RangeError('Invalid time value'), /^a fault in the bridge itself, not in Kafka \(RangeError: Invalid time value\)/],
  [new Error('the list is closed'), /^the list is closed: trying again$/],
  [failure({ name: 'KafkaJSConnectionError' }), /Kafka at k1:9092,? ?k2:9092 does not answer/],
])('%s is a sentence with a fix', (error, sentence) => {
  expect(describeTrouble(error, { brokers: ['k1:9092', 'k2:9092'], topics: ['blocks'] })).toMatch(sentence)
})

test('an outage is one sentence, whichever broker was asked last', () => {
  const asked = (address: string) =>
    describeTrouble(new ConnectionError(`Connection error: connect ECONNREFUSED ${address}`), { brokers: ['k1:9092', 'k2:9092'] })
  expect(asked('10.0.0.1:9092')).toBe(asked('10.0.0.2:9092'))
  expect(asked('::1:9092')).toContain('(Connection error: connect ECONNREFUSED): trying again')
})

class ConnectionError extends Error {
  override readonly name = 'KafkaJSConnectionError'
}
