import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { otlpJson } from '../../../src/tracing/otlp/otlp-json.ts'
import { BUILD_DEADLINE_MS, findGo, goProgram } from '../build/build-go-program.ts'

const tool = findGo('spans cannot be decoded as a collector decodes them')

const span = {
  traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
  spanId: '00f067aa0ba902b7',
  parentSpanId: 'b7ad6b7169203331',
  traceState: 'vendor=1',
  name: 'process blocks é',
  kind: 'consumer',
  startedAt: 1_700_000_000_000.25,
  endedAt: 1_700_000_000_001.5,
  attributes: { 'messaging.kafka.offset': 9_007_199_254_740_991 },
  error: undefined,
} as const

test.runIf(tool)(
  'the decoder of the OpenTelemetry collector reads what is exported',
  async () => {
    const first = { ...span, spanId: 'b7ad6b7169203331', parentSpanId: undefined, traceState: undefined, kind: 'producer' } as const
    const input = otlpJson({ 'service.name': 'gossip-bridge' }, [span, { ...first, error: 'refused' }])
    const { stdout, stderr } = spawnSync(await goProgram(tool ?? '', 'otlp'), { input, encoding: 'utf8', timeout: 60_000 })
    expect(stderr).toBe('')
    expect(stdout.trim().split('\n')).toEqual([
      `gossip-bridge ${span.traceId} ${span.spanId} ${span.parentSpanId} Consumer 1700000000000250000 1700000000001500000 9007199254740991 Unset vendor=1 process blocks é`,
      `gossip-bridge ${span.traceId} b7ad6b7169203331  Producer 1700000000000250000 1700000000001500000 9007199254740991 Error  process blocks é`,
    ])
  },
  BUILD_DEADLINE_MS,
)
