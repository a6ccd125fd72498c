import { randomBytes } from 'node:crypto'
import { Kafka, logLevel, Partitioners } from 'kafkajs'
import { onEnd } from '../on-end.ts'
import { kafkaBrokers } from '../stack/shared-stack.ts'

export interface ProducedRecord {
  readonly key: string
  readonly value: Buffer | string | null
  readonly headers?: Record<string, string>
  /** Milliseconds since the epoch as text; now by default. */
  readonly timestamp?: string
}

/** The role of a node's own services in Kafka, played by an ordinary client. */
export interface NodeServices {
  produce(topic: string, ...records: ProducedRecord[]): Promise<void>
  /** Announces new subtrees in JSON and returns their hashes. */
  announceSubtrees(topic: string, count: number): Promise<string[]>
  /** Rejects new transactions in JSON and returns their ids. */
  rejectTransactions(topic: string, count: number): Promise<string[]>
}

/** Connects a producer, which disconnects at the end of the test. */
export async function createNodeServices(brokers: string[] = kafkaBrokers()): Promise<NodeServices> {
  const kafka = new Kafka({ clientId: 'node-services', brokers, logLevel: logLevel.NOTHING, requestTimeout: 60_000 })
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner, retry: { retries: 10 } })
  await producer.connect()
  onEnd(() => producer.disconnect())
  const produce = async (topic: string, ...records: ProducedRecord[]) => {
    await producer.send({ topic, messages: records.map((record) => ({ ...record })) })
  }
  const produceNew = async (topic: string, count: number, toValue: (hash: string) => object) => {
    const hashes = Array.from({ length: count }, () => randomBytes(32).toString('hex'))
    await produce(topic, ...hashes.map((hash) => ({ key: hash, value: JSON.stringify(toValue(hash)) })))
    return hashes
  }
  return {
    produce,
    announceSubtrees: (topic, count) => produceNew(topic, count, (hash) => ({ type: 'Subtree', hash })),
    rejectTransactions: (topic, count) => produceNew(topic, count, (txHash) => ({ txHash, reason: 'rejected', peerId: null })),
  }
}
