import { setTimeout as pause } from 'node:timers/promises'
import type { OutgoingRecord } from '../../src/kafka/record.ts'
import { block, randomHash } from './announcements.ts'
import { benchCodec } from './codec.ts'
import { connectKafka, startProducer } from './kafka/kafka-client.ts'
import type { Scope } from './scope.ts'

export interface NotificationFeedOptions {
  readonly brokers: readonly string[]
  readonly topic: string
  readonly ratePerSecond: number
}

const TICK_MS = 50
/** One notification in this many announces a block, the others subtrees. */
const BLOCK_EACH = 100

/**
 * Writes own notifications into an in-topic at an even pace until the scope ends. `written()` is the number that Kafka has acknowledged.
 */
export async function startNotificationFeed(
  { brokers, topic, ratePerSecond }: NotificationFeedOptions,
  { scope }: { readonly scope: Scope },
): Promise<{ written(): number }> {
  const producer = await startProducer(connectKafka(brokers))
  const codec = benchCodec()
  const ended = new AbortController()
  let written = 0

  async function feed(): Promise<void> {
    const startedAt = performance.now()
    for (let made = 0; !ended.signal.aborted; await pause(TICK_MS)) {
      const due = Math.floor(((performance.now() - startedAt) * ratePerSecond) / 1000)
      const records: OutgoingRecord[] = []
      for (; made < due; made++) records.push(notification(made, codec))
      await producer.sendAll(topic, records)
      written += records.length
    }
  }

  const feeding = feed()
  scope.add(async () => {
    ended.abort()
    await feeding
    await producer.stop()
  })
  return { written: () => written }
}

function notification(index: number, codec: ReturnType<typeof benchCodec>): OutgoingRecord {
  const common = { height: null, header: null, previousHash: null, miner: null, sizeInBytes: null, txCount: null }
  if (index % BLOCK_EACH !== 0) {
    const hash = randomHash()
    return { key: hash, value: codec.encode('notifications', { ...common, type: 'Subtree', hash }), headers: {} }
  }
  const announced = block(index / BLOCK_EACH + 1)
  if (announced.type !== 'block') throw new Error('not a block')
  const { hash, height, header } = announced.block
  return { key: hash, value: codec.encode('notifications', { ...common, type: 'Block', hash, height, header }), headers: {} }
}
