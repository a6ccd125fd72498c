import type { PartitionReader } from '../../kafka/reader/partition-reader.ts'
import type { KafkaRecord } from '../../kafka/record.ts'

/** The part of a partition reader that is needed here. */
export type TopicPartition = Pick<PartitionReader, 'read' | 'bounds' | 'offsetAt'>

/** The current records of a topic, read without a group: all partitions merged by time, in order within each. */
export async function* recordsByTime(readers: readonly TopicPartition[], fromTime: number | undefined): AsyncGenerator<KafkaRecord> {
  const sources = readers.map((reader) => recordsOf(reader, fromTime))
  const heads = await Promise.all(sources.map((source) => source.next()))
  for (;;) {
    let first = -1
    for (const [index, head] of heads.entries()) {
      if (!head.done && head.value.timestamp < timeOf(heads[first])) first = index
    }
    const head = heads[first]
    const source = sources[first]
    if (!head || head.done || !source) return
    yield head.value
    heads[first] = await source.next()
  }
}

function timeOf(head: IteratorResult<KafkaRecord> | undefined): number {
  return head && !head.done ? head.value.timestamp : Number.POSITIVE_INFINITY
}

async function* recordsOf(reader: TopicPartition, fromTime: number | undefined): AsyncGenerator<KafkaRecord> {
  const { low, high } = await reader.bounds()
  let next = fromTime === undefined ? low : await reader.offsetAt(fromTime)
  while (next < high) {
    const page = await reader.read(next)
    for (const record of page.records) if (record.offset < high) yield record
    if (page.next <= next) return
    next = page.next
  }
}
