import { randomUUID } from 'node:crypto'
import { dirname, join } from 'node:path'
import { type Admin, Kafka, logLevel, type Message, type Producer, type Transaction } from 'kafkajs'
import type { LocalKafka } from '../../../deploy/local/kafka/kafka.ts'
import { type KafkaTool, runKafkaTool } from '../../../deploy/local/kafka/tool.ts'
import { eventually } from '../../support/eventually.ts'
import { produceBatch, setClientQuota } from './raw-requests.ts'

/** Actions of other clients and operators on topics, without the bridge's own code. */
export interface Cluster {
  readonly brokers: string[]
  readonly admin: Admin
  readonly kafka: LocalKafka
  /** The folder of a partition on the first broker's disk. */
  partitionFolder(topic: string, partition?: number): string
  createTopic(
    name: string,
    options?: { partitions?: number; config?: Readonly<Record<string, string>>; replicas?: number[] },
  ): Promise<void>
  /** Writes one batch. A key alone represents a small record. */
  produce(topic: string, records: readonly (string | Message)[], options?: ProduceOptions): Promise<void>
  /** Writes a batch to partition 0 as it is. */
  produceRaw(topic: string, batch: Buffer): Promise<void>
  /** Begins a transaction of a new producer. */
  begin(): Promise<Transaction>
  bounds(topic: string, partition?: number): Promise<{ low: bigint; high: bigint }>
  /** Sets quotas of a client id. */
  limit(clientId: string, quota: { readonly consumer_byte_rate: number }): Promise<void>
  /** Runs one of Kafka's own tools; rejects with its output when it fails. */
  tool(name: KafkaTool, args: readonly string[], input?: string): Promise<string>
  stop(): Promise<void>
}

export interface ProduceOptions {
  readonly partition?: number
  /** With an idempotent producer: a compacted topic keeps its last batch even when that is empty. */
  readonly isIdempotent?: boolean
}

/** Several tools start at once, in parallel with all other work. */
const TOOL_DEADLINE_MS = 60_000
/** Short enough to see partitions that a case adds. */
const METADATA_MAX_AGE_MS = 500

export async function connectCluster(kafka: LocalKafka): Promise<Cluster> {
  const { brokers } = kafka
  const client = new Kafka({ clientId: 'cases', brokers, logLevel: logLevel.NOTHING, retry: { retries: 10, initialRetryTime: 50 } })
  const admin = client.admin()
  const plain = client.producer({ allowAutoTopicCreation: false, metadataMaxAge: METADATA_MAX_AGE_MS })
  const idempotent = client.producer({ allowAutoTopicCreation: false, idempotent: true })
  const transactional: Producer[] = []
  await Promise.all([admin.connect(), plain.connect(), idempotent.connect()])

  return {
    brokers,
    admin,
    kafka,
    partitionFolder: (topic, partition = 0) => join(dirname(kafka.nodes[0]?.logFile ?? ''), 'data', `${topic}-${partition}`),
    async createTopic(name, { partitions = 1, config = {}, replicas } = {}) {
      const configEntries = Object.entries(config).map(([key, value]) => ({ name: key, value }))
      const size = replicas ? { replicaAssignment: [{ partition: 0, replicas }] } : { numPartitions: partitions, replicationFactor: 1 }
      // It is refused while a heartbeat of a busy broker is late.
      await eventually(() =>
        admin.createTopics({ waitForLeaders: false, topics: [{ topic: name, configEntries, ...size }] }).then(() => true),
      )
      await eventually(
        async () => (await admin.fetchTopicMetadata({ topics: [name] })).topics[0]?.partitions.every((each) => each.leader > 0),
        {
          timeoutMs: 10_000,
        },
      )
    },
    async produce(topic, records, { partition = 0, isIdempotent = false } = {}) {
      const messages = records.map((record) => ({ partition, ...(typeof record === 'string' ? small(record) : record) }))
      const producer = isIdempotent ? idempotent : plain
      // kafkajs silently writes nothing to a partition that it does not know yet. A failure is not tried again: it may have written.
      const outcome = await eventually(
        async () => {
          const sent = await producer.send({ topic, messages }).catch((error: Error) => error)
          return (sent instanceof Error || sent.length > 0) && sent
        },
        { intervalMs: METADATA_MAX_AGE_MS },
      )
      if (outcome instanceof Error) throw outcome
    },
    produceRaw: (topic, batch) => produceBatch(brokers[0] ?? '', topic, batch),
    async begin() {
      const producer = client.producer({
        allowAutoTopicCreation: false,
        idempotent: true,
        maxInFlightRequests: 1,
        transactionalId: randomUUID(),
      })
      transactional.push(producer)
      await producer.connect()
      return producer.transaction()
    },
    async bounds(topic, partition = 0) {
      const offsets = await admin.fetchTopicOffsets(topic)
      const first = offsets.find((each) => each.partition === partition)
      return { low: BigInt(first?.low ?? -1), high: BigInt(first?.high ?? -1) }
    },
    async limit(clientId, { consumer_byte_rate }) {
      await setClientQuota(brokers[0] ?? '', { clientId, key: 'consumer_byte_rate', bytesPerSecond: consumer_byte_rate })
    },
    async tool(name, args, input) {
      const { code, stdout, stderr } = await runKafkaTool(name, ['--bootstrap-server', brokers.join(','), ...args], {
        timeoutMs: TOOL_DEADLINE_MS,
        ...(input === undefined ? {} : { input }),
      })
      if (code !== 0) throw new Error(`${name} ended with ${code}: ${stdout}${stderr}`)
      return stdout
    },
    async stop() {
      await Promise.all([admin, plain, idempotent, ...transactional].map((each) => each.disconnect()))
    },
  }
}

export function small(key: string): Message {
  return { key, value: `value of ${key}` }
}

/** `count` keys that begin with the letter. */
export function keys(letter: string, count: number, from = 0): string[] {
  return Array.from({ length: count }, (_, index) => `${letter}${from + index}`)
}
