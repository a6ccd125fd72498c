import type { Case, CaseTopic } from '../case.ts'
import { keys } from '../cluster.ts'

/** Kafka lets a client read about this many seconds' worth of its quota at once; only then it slows the client down. */
const BURST_SECONDS = 10

async function batches({ name, cluster }: CaseTopic, count: number, bytes: number): Promise<void> {
  for (const key of keys('q', count)) await cluster.produce(name, [{ key, value: Buffer.alloc(bytes, 'x') }])
}

/** Every reader has a client id of its own, and this quota. The topic holds half as much again as the burst. */
function quotaCase(bytesPerSecond: number): Case {
  const count = 15
  const bytes = (bytesPerSecond * BURST_SECONDS * 1.5) / count
  return {
    name: `a consumer quota of ${bytesPerSecond} bytes a second`,
    quota: { consumer_byte_rate: bytesPerSecond },
    steps: [
      {
        change: (topic) => batches(topic, count, bytes),
        delivers: keys('q', count),
        ends: BigInt(count),
        reports: ['throttled'],
        mostFetches: 60,
        withinMs: 90_000,
      },
    ],
  }
}

export const QUOTAS: readonly Case[] = [quotaCase(2000), quotaCase(100_000)]
