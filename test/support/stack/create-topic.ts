import { randomUUID } from 'node:crypto'
import { type Admin, Kafka, KafkaJSConnectionError, KafkaJSNumberOfRetriesExceeded, logLevel } from 'kafkajs'
import { expect } from 'vitest'
import { eventually } from '../eventually.ts'
import { kafkaBrokers } from './shared-stack.ts'

export interface CreateTopicOptions {
  /** The full name; a random one by default, so that tests do not see each other. */
  name?: string
  partitions?: number
  replicationFactor?: number
  /** The brokers of partition 0, its leader first, instead of `replicationFactor`. */
  replicas?: number[]
  config?: Record<string, string>
  /** Another cluster instead of the shared one. */
  brokers?: string[]
}

/** Creates a topic and waits for its leaders. It is not deleted: the broker and all its data are removed when the run ends. */
export async function createTopic(options: CreateTopicOptions = {}): Promise<string> {
  const name = options.name ?? `test-${randomUUID().slice(0, 13)}`
  await createTopics([{ ...options, name }], options.brokers ?? kafkaBrokers())
  return name
}

/** Creates several topics with one request. */
export async function createTopics(topics: (CreateTopicOptions & { name: string })[], brokers: string[] = kafkaBrokers()): Promise<void> {
  await withAdmin(brokers, async (admin) => {
    const wanted = topics.map(({ name, partitions, replicationFactor, replicas, config }) => ({
      topic: name,
      numPartitions: partitions ?? 1,
      replicationFactor: replicationFactor ?? 1,
      ...(replicas ? { numPartitions: -1, replicationFactor: -1, replicaAssignment: [{ partition: 0, replicas }] } : {}),
      configEntries: Object.entries(config ?? {}).map(([key, value]) => ({ name: key, value })),
    }))
    // It is refused while a heartbeat of a busy broker is late. Waiting for leaders fails when the broker does not know the topic yet.
    await eventually(() => admin.createTopics({ waitForLeaders: false, topics: wanted }).then(() => true))
  })
  const names = topics.map(({ name }) => name)
  await Promise.all(brokers.map((broker) => untilKnown(broker, names)))
}

/** Each broker hears of a new topic by itself, and until then answers that it is not there. A broker that is away is not waited for. */
async function untilKnown(broker: string, topics: string[]): Promise<void> {
  await withAdmin([broker], async (admin) => {
    await eventually(() => admin.fetchTopicMetadata({ topics }))
  }).catch((error: unknown) => {
    if (!(error instanceof KafkaJSConnectionError || error instanceof KafkaJSNumberOfRetriesExceeded)) throw error
  })
}

/** Deletes a topic and waits until the broker knows it: before that, it takes records for a topic that is on its way out. */
export async function deleteTopic(name: string, brokers: string[] = kafkaBrokers()): Promise<void> {
  await withAdmin(brokers, async (admin) => {
    await admin.deleteTopics({ topics: [name] })
    await untilDeleted(admin, name)
  })
}

export async function untilDeleted(admin: Pick<Admin, 'listTopics'>, name: string): Promise<void> {
  await eventually(async () => expect(await admin.listTopics()).not.toContain(name))
}

async function withAdmin(brokers: string[], work: (admin: Admin) => Promise<void>): Promise<void> {
  const retry = { retries: 8, initialRetryTime: 50 }
  const admin = new Kafka({ clientId: 'test-topics', brokers, logLevel: logLevel.NOTHING, retry }).admin()
  await admin.connect()
  try {
    await work(admin)
  } finally {
    await admin.disconnect()
  }
}
