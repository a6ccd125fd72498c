import { Registry } from 'prom-client'
import { expect, test } from 'vitest'
import { PartitionLag } from '../../../../../src/kafka/group/reading/partition-lag.ts'
import { createKafkaMetrics } from '../../../../../src/telemetry/kafka-metrics.ts'

test('the lag is the distance from the committed offset to the real end, whatever can be read', async () => {
  const metrics = createKafkaMetrics(new Registry())
  const lag = new PartitionLag({ groupId: 'g', topic: 't', partition: 3 }, { metrics })
  const shown = async () => (await metrics.groupLag.get()).values.map(({ labels, value }) => [labels, value])
  const labels = { group: 'g', topic: 't', partition: '3' }
  lag.committed(10n)
  expect(await shown()).toEqual([]) // the end is not known yet
  lag.reached(2011n)
  expect(await shown()).toEqual([[labels, 2001]])
  lag.committed(2011n)
  expect(await shown()).toEqual([[labels, 0]])
  lag.committed(2012n)
  expect(await shown()).toEqual([[labels, 0]])
  lag.remove()
  expect(await shown()).toEqual([])
})
