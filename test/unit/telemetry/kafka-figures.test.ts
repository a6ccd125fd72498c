import { Registry } from 'prom-client'
import { expect, test } from 'vitest'
import { kafkaFigures } from '../../../src/telemetry/kafka-figures.ts'
import { createKafkaMetrics } from '../../../src/telemetry/kafka-metrics.ts'

test('lags are summed over partitions, refreshed as for a scrape, and what is not measured is null', async () => {
  const metrics = createKafkaMetrics(new Registry())
  expect(await kafkaFigures(metrics, 'p2p-events')).toEqual({ lags: [], tailLag: null, clockAheadMs: null })
  metrics.onScrape(() => metrics.groupLag.set({ group: 'g.log', topic: 'rejectedtx', partition: '1' }, 4))
  metrics.groupLag.set({ group: 'g.log', topic: 'rejectedtx', partition: '0' }, 3)
  metrics.groupLag.set({ group: 'g.gossip', topic: 'rejectedtx', partition: '0' }, 1)
  metrics.tailLag.set({ topic: 'p2p-events' }, 12)
  metrics.tailLag.set({ topic: 'other' }, 99)
  metrics.clockAhead.set({ producer: 'relay' }, -0.0125)
  expect(await kafkaFigures(metrics, 'p2p-events')).toEqual({
    lags: [
      { group: 'g.gossip', topic: 'rejectedtx', records: 1 },
      { group: 'g.log', topic: 'rejectedtx', records: 7 },
    ],
    tailLag: 12,
    clockAheadMs: -12,
  })
})
