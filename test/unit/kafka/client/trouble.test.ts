import { expect, test } from 'vitest'
import { describeTrouble, kafkaErrorType, troubleOf } from '../../../../src/kafka/client/trouble.ts'

const failure = (fields: { name?: string; type?: string; code?: string; retriable?: boolean; cause?: unknown; message?: string }) =>
  Object.assign(new Error(fields.message ?? 'x', { cause: fields.cause }), fields)

test.each([
  [failure({ type: 'MESSAGE_TOO_LARGE', retriable: false }), 'refused-record'],
  [failure({ type: 'UNKNOWN_TOPIC_OR_PARTITION', retriable: true }), 'missing-topic'],
  [failure({ type: 'TOPIC_AUTHORIZATION_FAILED' }), 'rights'],
  [failure({ name: 'KafkaJSSASLAuthenticationError' }), 'credentials'],
  [failure({ name: 'KafkaJSConnectionError', code: 'DEPTH_ZERO_SELF_SIGNED_CERT' }), 'credentials'],
  [failure({ type: 'OUT_OF_ORDER_SEQUENCE_NUMBER' }), 'producer-state'],
  [failure({ type: 'DUPLICATE_SEQUENCE_NUMBER' }), 'duplicate'],
  [failure({ name: 'KafkaJSConnectionError', code: 'ECONNREFUSED' }), 'away'],
  [failure({ type: 'NOT_ENOUGH_REPLICAS', retriable: true }), 'away'],
  [failure({ name: 'KafkaJSNumberOfRetriesExceeded', cause: failure({ type: 'TOPIC_AUTHORIZATION_FAILED' }) }), 'rights'],
  [new TypeError('ours'), 'other'],
  ['no error at all', 'other'],
])('%s is %s', (error, trouble) => {
  expect(troubleOf(error)).toBe(trouble)
})

test("Kafka's own name is found through the wrappers", () => {
  expect(kafkaErrorType(failure({ cause: failure({ type: 'REBALANCE_IN_PROGRESS' }) }))).toBe('REBALANCE_IN_PROGRESS')
  expect(kafkaErrorType(undefined)).toBeUndefined()
})

test.each([
  [failure({ type: 'UNKNOWN_TOPIC_OR_PARTITION' }), /topic blocks does not exist: make it with `gossip-bridge topics create`/],
  [failure({ type: 'TOPIC_AUTHORIZATION_FAILED' }), /denies access to topic blocks .*rights/],
  [failure({ name: 'KafkaJSSASLAuthenticationError' }), /kafka_sasl_/],
  [failure({ name: 'KafkaJSConnectionError' }), /Kafka at k1:9092,? ?k2:9092 does not answer/],
])('%s is a sentence with what to do', (error, sentence) => {
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
