import { expect, test } from 'vitest'
import { createMetricsRegistry } from '../../../src/telemetry/metrics-registry.ts'

test('reports the running version and the event loop delay', async () => {
  const registry = createMetricsRegistry({ version: '1.2.3', nodeVersion: 'v20', bridgeId: 'node-a', instanceId: 'i', network: 'regtest' })
  const text = await registry.metrics()
  expect(text).toContain('bridge_build_info{version="1.2.3",node_version="v20",bridge_id="node-a",instance_id="i",network="regtest"} 1')
  expect(text).toMatch(/^nodejs_eventloop_lag_p99_seconds /m)
})
