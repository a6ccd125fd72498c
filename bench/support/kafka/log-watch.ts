import { setTimeout as pause } from 'node:timers/promises'
import type { KafkaConnection } from '../../../src/kafka/client/connection.ts'
import { createPartitionReader } from '../../../src/kafka/reader/partition-reader.ts'
import type { KafkaRecord } from '../../../src/kafka/record.ts'
import { SYSTEM_CLOCK } from '../../../src/lifecycle/clock.ts'
import { quietLog } from '../quiet-log.ts'

const POLL_MS = 200

/** Waits until partition 0 of a topic has this many records of a type, checking rarely, and returns them. */
export async function recordsOf(
  topic: string,
  { type, count, withinMs }: { type: string; count: number; withinMs: number },
  kafka: KafkaConnection,
): Promise<KafkaRecord[]> {
  const reader = createPartitionReader({ topic }, { clock: SYSTEM_CLOCK, kafka, log: quietLog })
  const until = performance.now() + withinMs
  try {
    for (;;) {
      const { high } = await reader.bounds()
      if (high >= BigInt(count)) {
        const found = (await readAll(reader, high)).filter(({ headers }) => headers.type === type)
        if (found.length >= count) return found
      }
      if (performance.now() > until) throw new Error(`${topic} has ${high} records after ${withinMs} ms, ${count} were expected`)
      await pause(POLL_MS)
    }
  } finally {
    await reader.stop()
  }
}

async function readAll(reader: ReturnType<typeof createPartitionReader>, high: bigint): Promise<KafkaRecord[]> {
  const records: KafkaRecord[] = []
  for (let next = 0n; next < high; ) {
    const page = await reader.read(next)
    records.push(...page.records)
    next = page.next
  }
  return records
}
