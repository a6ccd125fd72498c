import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { Kafka, logLevel } from 'kafkajs'
import type { ProducedRecord } from './node-services.ts'

/** A record as stored in a topic. */
export interface StoredRecord {
  readonly topic: string
  readonly key: string
  /** The header `type`. */
  readonly type: string
  /** The header `sequence`, which states carry. */
  readonly sequence?: string | undefined
  /** By the broker's clock, if the topic has LogAppendTime. */
  readonly at: number
}

/** All records of some topics, read with an ordinary client in the calm after each fault. */
export interface Archive {
  /** Reads to the current ends. Rejects when that takes too long, for example while brokers are down. */
  catchUp(): Promise<void>
  /** The topic was created again and is read from its beginning. */
  restart(topic: string): void
  records(topic: string): readonly StoredRecord[]
  /** The last records of a topic, with their values. */
  latest(topic: string): readonly ProducedRecord[]
}

interface Place {
  readonly topic: string
  readonly partition: number
  next: bigint
  end: bigint
}

const DEADLINE_MS = 60_000
/** Number of records per topic that are kept with their values. */
export const KEPT_WHOLE = 200

export function createArchive({ brokers, topics }: { brokers: readonly string[]; topics: readonly string[] }): Archive {
  const kafka = new Kafka({ clientId: 'contract-archive', brokers: [...brokers], logLevel: logLevel.NOTHING, retry: { retries: 8 } })
  const places = new Map<string, Place>()
  const records = new Map<string, StoredRecord[]>(topics.map((topic) => [topic, []]))
  const latest = new Map<string, ProducedRecord[]>(topics.map((topic) => [topic, []]))
  const behind = () => [...places.values()].filter(({ next, end }) => next < end)

  async function lookUpEnds(): Promise<void> {
    const admin = kafka.admin()
    await admin.connect()
    try {
      for (const topic of topics) {
        for (const { partition, low, high } of await admin.fetchTopicOffsets(topic)) {
          const place = places.get(`${topic} ${partition}`) ?? { topic, partition, next: BigInt(low), end: 0n }
          places.set(`${topic} ${partition}`, place)
          place.end = BigInt(high)
        }
      }
    } finally {
      await admin.disconnect()
    }
  }

  function keep(topic: string, partition: number, message: KafkaMessage): void {
    const place = places.get(`${topic} ${partition}`)
    const offset = BigInt(message.offset)
    if (!place || offset < place.next) return // after a rebalance kafkajs may deliver records again
    place.next = offset + 1n
    const headers = Object.fromEntries(Object.entries(message.headers ?? {}).map(([name, header]) => [name, `${header}`]))
    const { type, sequence } = headers
    records.get(topic)?.push({ topic, key: `${message.key}`, type: `${type}`, sequence, at: Number(message.timestamp) })
    const whole = latest.get(topic) ?? []
    whole.push({ key: `${message.key}`, value: message.value, headers })
    if (whole.length > KEPT_WHOLE) whole.shift()
  }

  async function readOn(): Promise<void> {
    const consumer = kafka.consumer({ groupId: `contract-archive-${randomUUID()}`, maxWaitTimeInMs: 50 })
    const until = performance.now() + DEADLINE_MS
    await consumer.connect()
    try {
      await consumer.subscribe({ topics: [...new Set(behind().map(({ topic }) => topic))], fromBeginning: true })
      await consumer.run({ autoCommit: false, eachMessage: async ({ topic, partition, message }) => keep(topic, partition, message) })
      for (const { topic, partition, next } of behind()) consumer.seek({ topic, partition, offset: `${next}` })
      while (behind().length > 0) {
        if (performance.now() > until)
          throw new Error(`${behind().length} partitions could not be read to their ends within ${DEADLINE_MS} ms`)
        await pause(20)
      }
    } finally {
      await consumer.disconnect()
    }
  }

  return {
    async catchUp() {
      await lookUpEnds()
      if (behind().length > 0) await readOn()
    },
    restart(topic) {
      for (const [name, place] of places) if (place.topic === topic) places.delete(name)
    },
    records: (topic) => records.get(topic) ?? [],
    latest: (topic) => [...(latest.get(topic) ?? [])],
  }
}

interface KafkaMessage {
  readonly offset: string
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly timestamp: string
  readonly headers?: Readonly<Record<string, unknown>> | undefined
}
