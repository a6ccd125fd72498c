import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Message } from 'kafkajs'
import { eventually } from '../../../support/eventually.ts'
import type { Case, CaseTopic } from '../case.ts'
import { keys, small } from '../cluster.ts'

/** The smallest segment that Kafka allows. */
const SEGMENT_BYTES = 1 << 20
const COMPACTED = {
  'cleanup.policy': 'compact',
  'segment.bytes': `${SEGMENT_BYTES}`,
  'min.cleanable.dirty.ratio': '0.001',
  'delete.retention.ms': '0',
}

/** A batch that fills more than half of a segment, so that the next one like it begins another, and the cleaner does not join the two. */
function large(names: readonly string[]): Message[] {
  const value = Buffer.alloc(Math.ceil((SEGMENT_BYTES * 0.6) / names.length), 'x')
  return names.map((key) => ({ key, value }))
}

/** Resolves when the cleaner reports that it has cleaned all records before that offset. */
async function untilCleaned({ name, cluster }: CaseTopic, offset: number): Promise<void> {
  const checkpoint = join(dirname(cluster.partitionFolder(name)), 'cleaner-offset-checkpoint')
  await eventually(
    async () => {
      const line = (await readFile(checkpoint, 'utf8')).split('\n').find((each) => each.startsWith(`${name} 0 `))
      return line !== undefined && Number(line.split(' ')[2]) >= offset
    },
    { timeoutMs: 20_000 },
  )
}

export const COMPACTION: readonly Case[] = [
  {
    name: 'a compacted segment has lost the last records of its last batch',
    config: COMPACTED,
    steps: [
      {
        change: async (topic) => {
          const { name, cluster } = topic
          await cluster.produce(name, large(keys('k', 10)))
          await cluster.produce(name, [...large(keys('k', 5, 5))])
          await cluster.produce(name, large(['filler']))
          await untilCleaned(topic, 15)
        },
        delivers: [...keys('k', 5), ...keys('k', 5, 5), 'filler'],
        ends: 16n,
      },
    ],
  },
  {
    name: 'whole batches are compacted away, and an empty one of an idempotent producer ends a segment',
    config: COMPACTED,
    steps: [
      {
        change: async (topic) => {
          const { name, cluster } = topic
          await cluster.produce(name, ['a'])
          await cluster.produce(name, ['b', 'c'])
          await cluster.produce(name, large(keys('k', 5)), { isIdempotent: true })
          await cluster.produce(name, large(keys('k', 5)))
          await cluster.produce(name, ['b', 'c', 'd'])
          await cluster.produce(name, large(['filler']))
          await untilCleaned(topic, 15)
        },
        delivers: ['a', ...keys('k', 5), 'b', 'c', 'd', 'filler'],
        ends: 17n,
      },
    ],
  },
  {
    name: 'compacted away are a deleted key and all that is behind it in its segment',
    config: COMPACTED,
    steps: [
      {
        change: async (topic) => {
          const { name, cluster } = topic
          await cluster.produce(name, large(['a', 'gone']))
          await cluster.produce(name, [...large(['b']), { key: 'gone', value: null }])
          await cluster.produce(name, large(['filler']))
          await untilCleaned(topic, 4)
          // The cleaner removes tombstones in the run after the one that has seen them first.
          await cluster.produce(name, large(['filler']))
          await untilCleaned(topic, 5)
          await cluster.produce(name, [small('end')])
        },
        delivers: ['a', 'b', 'filler', 'filler', 'end'],
        ends: 7n,
      },
    ],
  },
]
