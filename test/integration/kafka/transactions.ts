import { Kafka, logLevel, type Transaction } from 'kafkajs'
import { onEnd } from '../../support/on-end.ts'
import { kafkaBrokers } from '../../support/stack/shared-stack.ts'
import { randomName } from './parts.ts'

/** Starts a transaction of a producer of its own. */
export async function beginTransaction({ brokers = kafkaBrokers(), timeoutMs = 60_000 } = {}): Promise<Transaction> {
  const kafka = new Kafka({ clientId: 'transactional', brokers, logLevel: logLevel.NOTHING })
  const producer = kafka.producer({
    transactionalId: randomName('tx'),
    maxInFlightRequests: 1,
    idempotent: true,
    transactionTimeout: timeoutMs,
  })
  await producer.connect()
  onEnd(() => producer.disconnect())
  return producer.transaction()
}

/** Sends records with these values to partition 0. */
export async function sendIn(transaction: Transaction, topic: string, values: readonly string[]): Promise<void> {
  await transaction.send({ topic, messages: values.map((value) => ({ key: value, value, partition: 0 })) })
}
