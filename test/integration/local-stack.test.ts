import { Kafka, logLevel } from 'kafkajs'
import { expect, test } from 'vitest'
import { createTopic } from '../support/create-topic.ts'
import { kafkaBrokers, postgresUrl } from '../support/shared-stack.ts'

test('the shared Kafka takes a topic', async () => {
  const topic = await createTopic({ partitions: 2 })
  const admin = new Kafka({ brokers: kafkaBrokers(), logLevel: logLevel.NOTHING }).admin()
  await admin.connect()
  expect(await admin.fetchTopicOffsets(topic)).toHaveLength(2)
  await admin.disconnect()
})
test('pg', () => {
  expect(postgresUrl()).toContain('postgres')
})
