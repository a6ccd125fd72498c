import { Registry } from 'prom-client'
import { expect, test } from 'vitest'
import { createKafkaMetrics } from '../../../src/telemetry/kafka-metrics.ts'

test('a lag is read at the moment of the scrape', async () => {
  const registry = new Registry()
  const { groupLag, onScrape } = createKafkaMetrics(registry)
  const labels = { group: 'a.log', topic: 'log', partition: '0' }
  let lag = 7
  groupLag.set({ ...labels, topic: 'in' }, 1)
  onScrape(() => groupLag.set(labels, lag))
  const read = () => registry.getSingleMetricAsString('bridge_group_lag_records')
  expect(await read()).toMatch(/topic="log",partition="0"\} 7$/m)
  lag = 900
  expect(await read()).toMatch(/topic="log",partition="0"\} 900$/m)
  expect(await read()).toMatch(/topic="in",partition="0"\} 1$/m)
})

test('the queue of a producer is read at the scrape too, its records and its bytes', async () => {
  const registry = new Registry()
  const { laneQueueRecords, laneQueueBytes, onScrape } = createKafkaMetrics(registry)
  onScrape(() => {
    laneQueueRecords.set({ producer: 'main' }, 3)
    laneQueueBytes.set({ producer: 'main' }, 900)
  })
  expect(await registry.getSingleMetricAsString('bridge_lane_queue_records')).toMatch(/\} 3$/m)
  expect(await registry.getSingleMetricAsString('bridge_lane_queue_bytes')).toMatch(/\} 900$/m)
})
