import { Kafka, logLevel, Partitioners } from 'kafkajs'

export interface ProducedRecord {
  readonly key: string
  readonly value: Buffer | string | null
  readonly headers?: Readonly<Record<string, string>>
}

/** Writes of node A's own services, and of other writers, with an ordinary Kafka client. */
export interface NodeServices {
  produce(topic: string, records: readonly ProducedRecord[], partition?: number): Promise<void>
  stop(): Promise<void>
}

export async function startNodeServices(brokers: readonly string[]): Promise<NodeServices> {
  const kafka = new Kafka({
    clientId: 'contract-services',
    brokers: [...brokers],
    logLevel: logLevel.NOTHING,
    requestTimeout: 3000,
    retry: { retries: 5 },
  })
  // Without a short age the client silently waits until a frozen broker thaws.
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner, metadataMaxAge: 3000 })
  await producer.connect()
  return {
    async produce(topic, records, partition) {
      const messages = records.map(({ key, value, headers = {} }) => ({
        key,
        value,
        headers: { ...headers },
        ...(partition === undefined ? {} : { partition }),
      }))
      await producer.send({ topic, messages })
    },
    stop: () => producer.disconnect(),
  }
}
