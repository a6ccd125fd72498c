import type { KafkaMetrics } from './kafka-metrics.ts'

/** The figures of Kafka that people look at first. */
export interface KafkaFigures {
  readonly lags: readonly { readonly group: string; readonly topic: string; readonly records: number }[]
  /** Records of the event log that the tail has yet to read; null before its first read. */
  readonly tailLag: number | null
  /** Null where nothing is written. */
  readonly clockAheadMs: number | null
}

/** Reads them from the metrics, so that a status and a scrape never differ. Lags are summed over the partitions of a topic. */
export async function kafkaFigures({ groupLag, tailLag, clockAhead }: KafkaMetrics, eventLogTopic: string): Promise<KafkaFigures> {
  const [lags, tails, clocks] = await Promise.all([groupLag.get(), tailLag.get(), clockAhead.get()])
  const sums = new Map<string, { group: string; topic: string; records: number }>()
  for (const { labels, value } of lags.values) {
    const [group, topic] = [String(labels.group), String(labels.topic)]
    const sum = sums.get(`${group} ${topic}`) ?? { group, topic, records: 0 }
    sums.set(`${group} ${topic}`, { ...sum, records: sum.records + value })
  }
  const ahead = clocks.values[0]?.value
  return {
    lags: [...sums.values()].sort((one, other) => (`${one.group} ${one.topic}` < `${other.group} ${other.topic}` ? -1 : 1)),
    tailLag: tails.values.find(({ labels }) => labels.topic === eventLogTopic)?.value ?? null,
    clockAheadMs: ahead === undefined ? null : Math.round(ahead * 1000),
  }
}
