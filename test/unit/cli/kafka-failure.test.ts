import { expect, test } from 'vitest'
import { kafkaFailure, kafkaReason } from '../../../src/cli/kafka-failure.ts'
import { DeadlineError } from '../../../src/lifecycle/time.ts'

const about = { brokers: ['kafka-1:9092'], topics: ['bans'] }

function kafkaError(message: string, fields: object): Error {
  return Object.assign(new Error(message), fields)
}

const refused = kafkaError('connect ECONNREFUSED 127.0.0.1:9092', { name: 'KafkaJSConnectionError' })

const gaveUp = new DeadlineError('Kafka at kafka-1:9092 does not answer (…): trying again until it does', { cause: refused })

test.each([
  ['a broker that is away', refused],
  ['a reader that gave up on it', gaveUp],
  ['readers of a topic that did', new Error('Kafka at kafka-1:9092 does not answer (…): trying again until it does', { cause: gaveUp })],
])('%s is told without a promise to try again', (_what, error) => {
  const said = 'Kafka at kafka-1:9092 does not answer (connect ECONNREFUSED 127.0.0.1:9092)'
  expect(kafkaReason(error, about)).toBe(said)
  expect(kafkaFailure(error, about).message).toBe(`${said}. Start it, or name another in kafka_brokers.`)
})

test('what a command cannot mend by waiting is told as the bridge tells it', () => {
  const missing = kafkaError('This server does not host this topic-partition', {
    name: 'KafkaJSProtocolError',
    type: 'UNKNOWN_TOPIC_OR_PARTITION',
  })
  expect(kafkaFailure(new DeadlineError('too late', { cause: missing }), about).message).toContain('topic bans does not exist: create it')
  expect(kafkaFailure(new Error('a fault'), about).message).toBe('The command failed: a fault')
})
