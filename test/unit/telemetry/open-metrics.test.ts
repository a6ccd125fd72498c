import { Counter, Registry } from 'prom-client'
import { expect, test } from 'vitest'
import { createBansMetrics } from '../../../src/telemetry/bans-metrics.ts'
import { createOpenMetrics } from '../../../src/telemetry/exemplars/open-metrics.ts'
import { createTracedHistogram } from '../../../src/telemetry/exemplars/traced-histogram.ts'
import { createFlowMetrics } from '../../../src/telemetry/flow-metrics.ts'
import { createGossipMetrics } from '../../../src/telemetry/gossip-metrics.ts'
import { createKafkaMetrics } from '../../../src/telemetry/kafka-metrics.ts'
import { createMetricsRegistry } from '../../../src/telemetry/metrics-registry.ts'
import { createWebSocketMetrics } from '../../../src/telemetry/websocket-metrics.ts'

const TRACE = '0af7651916cd43dd8448eb211c80319c'
const recorded = `00-${TRACE}-b7ad6b7169203331-01`

test('a histogram keeps the latest recorded trace of each bucket, and only OpenMetrics shows it', async () => {
  const registry = new Registry()
  const histogram = createTracedHistogram({ name: 'seconds', help: 'Time', labelNames: ['topic'], buckets: [1, 5], registers: [registry] })
  histogram.observe({ topic: 'a' }, 0.5, recorded.replace(TRACE, TRACE.replace('0', '1')))
  histogram.observe({ topic: 'a' }, 0.75, recorded)
  histogram.observe({ topic: 'a' }, 0.8, recorded.replace(/01$/, '00'))
  histogram.observe({ topic: 'a' }, 0.9)
  histogram.observe({ topic: 'a' }, 3)
  histogram.observe({ topic: 'b' }, 7, recorded)
  const lines = (await createOpenMetrics(registry).metrics()).split('\n')
  expect(lines.find((line) => line.includes('le="1"'))).toMatch(
    new RegExp(`^seconds_bucket\\{le="1",topic="a"\\} 4 # \\{trace_id="${TRACE}"\\} 0\\.75$`),
  )
  expect(lines.find((line) => line.includes('le="5"'))).toBe('seconds_bucket{le="5",topic="a"} 5')
  expect(lines.find((line) => line.includes('le="+Inf",topic="b"'))).toContain(`# {trace_id="${TRACE}"} 7`)
  expect(lines.filter((line) => line.includes(TRACE))).toHaveLength(2)
  expect(await registry.metrics()).toContain('seconds_bucket{le="1",topic="a"} 4\n')
})

test('both formats have the same samples, in turns and at once', async () => {
  const registry = new Registry()
  new Counter({ name: 'things_total', help: 'Things', labelNames: ['kind'], registers: [registry] }).inc({ kind: 'x' }, 2)
  const open = createOpenMetrics(registry)
  const texts = await Promise.all([open.metrics(), registry.metrics(), open.metrics(), registry.metrics()])
  const openText = '# HELP things Things\n# TYPE things counter\nthings_total{kind="x"} 2\n# EOF\n'
  const plainText = '# HELP things_total Things\n# TYPE things_total counter\nthings_total{kind="x"} 2\n'
  expect(texts).toEqual([openText, plainText, openText, plainText])
})

test('no two families have one name in OpenMetrics, and each counter has the ending that it wants', async () => {
  const facts = { version: '1', nodeVersion: '1', bridgeId: 'a', instanceId: 'b', network: 'regtest' }
  const registry = createMetricsRegistry(facts)
  for (const create of [createBansMetrics, createFlowMetrics, createGossipMetrics, createKafkaMetrics, createWebSocketMetrics])
    create(registry)
  const lines = (await createOpenMetrics(registry).metrics()).split('\n')
  const families = lines.flatMap((line) => /^# TYPE (\S+)/.exec(line)?.[1] ?? [])
  expect(families.length).toBeGreaterThan(50)
  expect(families.filter((name, index) => families.indexOf(name) !== index)).toEqual([])
  const plain = await registry.metrics()
  const counters = [...plain.matchAll(/^# TYPE (\S+) counter$/gm)].map(([, name]) => name)
  expect(counters.filter((name) => !name?.endsWith('_total'))).toEqual([])
})
