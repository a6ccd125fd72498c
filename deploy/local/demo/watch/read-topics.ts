import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { type Consumer, Kafka, logLevel } from 'kafkajs'

export interface TopicReaderOptions {
  readonly brokers: readonly string[]
  readonly topics: readonly string[]
}

export interface TopicReaderDeps {
  /** Called with every record once, in the order of its partition. */
  readonly onRecord: (record: ReadRecord) => Promise<void> | void
}

export interface ReadRecord {
  readonly topic: string
  readonly value: Buffer | null
  readonly headers: Readonly<Record<string, string>>
  /** Milliseconds since the epoch; in the event log by the broker's clock. */
  readonly timestamp: number
}

export interface TopicReader {
  stop(): Promise<void>
}

const STOP_DEADLINE_MS = 2000

/** Reads topics from their beginning with an ordinary Kafka client, without code of the bridge. */
export async function readTopics({ brokers, topics }: TopicReaderOptions, { onRecord }: TopicReaderDeps): Promise<TopicReader> {
  const kafka = new Kafka({ clientId: 'demo-reader', brokers: [...brokers], logLevel: logLevel.NOTHING })
  const consumer = kafka.consumer({ groupId: `demo-reader-${randomUUID()}`, maxWaitTimeInMs: 100, allowAutoTopicCreation: false })
  const next = new Map<string, bigint>()
  await consumer.connect()
  try {
    await consumer.subscribe({ topics: [...topics], fromBeginning: true })
    const joined = new Promise((resolve) => consumer.on(consumer.events.GROUP_JOIN, resolve))
    await consumer.run({
      autoCommit: false, // nobody resumes this group, and commits would delay reading
      eachMessage: async ({ topic, partition, message }) => {
        const place = `${topic} ${partition}`
        const offset = BigInt(message.offset)
        if (offset < (next.get(place) ?? 0n)) return // kafkajs starts from the beginning after a rebalance
        next.set(place, offset + 1n)
        await onRecord({ topic, value: message.value, headers: textHeaders(message.headers), timestamp: Number(message.timestamp) })
      },
    })
    await joined
  } catch (error) {
    await close(consumer)
    throw error
  }
  return { stop: () => close(consumer) }
}

async function close(consumer: Consumer): Promise<void> {
  const deadline = new AbortController()
  await Promise.race([consumer.disconnect(), pause(STOP_DEADLINE_MS, undefined, { signal: deadline.signal }).catch(() => {})]).catch(
    () => {},
  )
  deadline.abort()
}

type KafkaHeaders = Record<string, Buffer | string | (Buffer | string)[] | undefined>

function textHeaders(headers: KafkaHeaders | undefined): Record<string, string> {
  return Object.fromEntries(Object.entries(headers ?? {}).map(([name, value]) => [name, `${Array.isArray(value) ? value.at(-1) : value}`]))
}
