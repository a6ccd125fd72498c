import { Registry } from 'prom-client'
import { expect, test } from 'vitest'
import { createKafkaMetrics } from '../../../src/telemetry/kafka-metrics.ts'

test('a lag that is looked up is that of the moment of the scrape', async () => {
  const registry = new Registry()
  const { groupLag, onLagScrape } = createKafkaMetrics(registry)
  const labels = { group: 'a.log', topic: 'log', partition: '0' }
  let lag = 7
  groupLag.set({ ...labels, topic: 'in' }, 1)
  onLagScrape(() => groupLag.set(labels, lag))
  const read = () => registry.getSingleMetricAsString('bridge_group_lag_records')
  expect(await read()).toMatch(/topic="log",partition="0"\} 7$/m)
  lag = 900
  expect(await read()).toMatch(/topic="log",partition="0"\} 900$/m)
  expect(await read()).toMatch(/topic="in",partition="0"\} 1$/m)
})
