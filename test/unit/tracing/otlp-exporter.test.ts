import { setImmediate } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createOtlpCall, type OtlpAnswer } from '../../../src/tracing/otlp/otlp-call.ts'
import { OtlpExporter, type OtlpExporterOptions } from '../../../src/tracing/otlp/otlp-exporter.ts'
import type { Span } from '../../../src/tracing/span.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
afterEach(() => void vi.useRealTimers())

const SPAN: Span = {
  traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
  spanId: '00f067aa0ba902b7',
  parentSpanId: undefined,
  traceState: undefined,
  name: 'process blocks',
  kind: 'consumer',
  startedAt: 1_700_000_000_000.25,
  endedAt: 1_700_000_000_001.5,
  attributes: { 'messaging.system': 'kafka', 'messaging.kafka.offset': 7 },
  error: undefined,
}
const TAKEN: OtlpAnswer = { outcome: 'taken', rejected: 0, reason: '' }

function setup(answers: (OtlpAnswer | 'hangs')[] = [], overrides: Partial<OtlpExporterOptions> = {}) {
  const bodies: string[] = []
  const counts: Record<string, number> = {}
  const exporter = new OtlpExporter(
    { resource: { 'service.name': 'gossip-bridge' }, maxQueued: 4, maxBatch: 2, delayMs: 1000, flushMs: 500, ...overrides },
    {
      call: (body, signal) => {
        bodies.push(body)
        const answer = answers.shift() ?? TAKEN
        if (answer !== 'hangs') return Promise.resolve(answer)
        return new Promise((resolve) =>
          signal.addEventListener('abort', () => resolve({ outcome: 'later', afterMs: 0, reason: 'aborted' }), { once: true }),
        )
      },
      count: (outcome, spans) => {
        counts[outcome] = (counts[outcome] ?? 0) + spans
      },
      random: () => 0.5,
    },
  )
  return { exporter, bodies, counts }
}

test('a span waits for others, for a bounded time, and is sent as OTLP', async () => {
  const { exporter, bodies, counts } = setup()
  exporter.add(SPAN)
  await vi.advanceTimersByTimeAsync(999)
  expect(bodies).toEqual([])
  await vi.advanceTimersByTimeAsync(1)
  expect(counts).toEqual({ exported: 1 })
  expect(JSON.parse(bodies[0] ?? '')).toEqual({
    resourceSpans: [
      {
        resource: { attributes: [{ key: 'service.name', value: { stringValue: 'gossip-bridge' } }] },
        scopeSpans: [
          {
            scope: { name: 'gossip-bridge' },
            spans: [
              {
                traceId: SPAN.traceId,
                spanId: SPAN.spanId,
                name: SPAN.name,
                kind: 5,
                startTimeUnixNano: '1700000000000250000',
                endTimeUnixNano: '1700000000001500000',
                attributes: [
                  { key: 'messaging.system', value: { stringValue: 'kafka' } },
                  { key: 'messaging.kafka.offset', value: { intValue: '7' } },
                ],
              },
            ],
          },
        ],
      },
    ],
  })
  await exporter.stop()
})

test('while one request is under way the queue fills; beyond its bound spans are dropped and counted', async () => {
  const { exporter, bodies, counts } = setup(['hangs'])
  for (let index = 0; index < 10; index++) exporter.add(SPAN)
  await setImmediate()
  expect(bodies).toHaveLength(1)
  expect(counts.dropped).toBeGreaterThanOrEqual(4)
  const stopped = exporter.stop()
  await vi.advanceTimersByTimeAsync(500)
  await stopped
  expect((counts.dropped ?? 0) + (counts.failed ?? 0)).toBe(10)
})

test('a batch that may succeed later is tried again, no sooner than the collector asks; then given up', async () => {
  const later: OtlpAnswer = { outcome: 'later', afterMs: 5000, reason: 'it answers with status 503' }
  const { exporter, bodies, counts } = setup([later, TAKEN, later, later, later, later, later])
  exporter.add(SPAN)
  await vi.advanceTimersByTimeAsync(5999)
  expect(bodies).toHaveLength(1)
  await vi.advanceTimersByTimeAsync(1)
  expect(counts).toEqual({ exported: 1 })
  exporter.add(SPAN)
  await vi.advanceTimersByTimeAsync(120_000)
  expect(counts).toEqual({ exported: 1, failed: 1 })
  expect(bodies).toHaveLength(7)
  await exporter.stop()
})

test('stop sends what waits, and ends in time beside a collector that hangs', async () => {
  const quick = setup()
  quick.exporter.add(SPAN)
  await quick.exporter.stop()
  expect(quick.counts).toEqual({ exported: 1 })

  const hanging = setup(['hangs'])
  hanging.exporter.add(SPAN)
  const stopped = hanging.exporter.stop()
  await vi.advanceTimersByTimeAsync(500)
  await stopped
  expect(hanging.counts).toEqual({ failed: 1 })
})

test('what a collector left out of a batch is counted', async () => {
  const { exporter, counts } = setup([{ outcome: 'taken', rejected: 1, reason: 'too old' }])
  exporter.add(SPAN)
  exporter.add(SPAN)
  await exporter.stop()
  expect(counts).toEqual({ exported: 1, failed: 1 })
})

function call(endpoint: string, answer: () => Response | Promise<never>) {
  const requests: { url: string; headers: Headers }[] = []
  const fetch: typeof globalThis.fetch = async (url, init) => {
    requests.push({ url: String(url), headers: new Headers(init?.headers) })
    return answer()
  }
  const send = createOtlpCall({ endpoint, headers: { 'x-key': 'secret' } }, { fetch })
  return { requests, send: () => send('{}', new AbortController().signal) }
}

test.each([
  ['http://collector:4318', 'http://collector:4318/v1/traces'],
  ['http://collector:4318/', 'http://collector:4318/v1/traces'],
  ['http://collector:4318/otlp', 'http://collector:4318/otlp/v1/traces'],
  ['http://collector:4318/v1/traces', 'http://collector:4318/v1/traces'],
  ['http://us%65r:p%40ss@collector:4318', 'http://collector:4318/v1/traces'],
])('%s leads to %s', async (endpoint, url) => {
  const { send, requests } = call(endpoint, () => new Response('{}'))
  expect(await send()).toEqual(TAKEN)
  expect(requests[0]?.url).toBe(url)
  expect(requests[0]?.headers.get('x-key')).toBe('secret')
  const basic = endpoint.includes('@') ? `Basic ${Buffer.from('user:p@ss').toString('base64')}` : null
  expect(requests[0]?.headers.get('authorization')).toBe(basic)
})

test.each([
  [503, { 'retry-after': '7' }, { outcome: 'later', afterMs: 7000 }],
  [429, { 'retry-after': '86400' }, { outcome: 'later', afterMs: 30_000 }],
  [502, { 'retry-after': 'Wed, 21 Oct 2026 07:28:00 GMT' }, { outcome: 'later', afterMs: 0 }],
  [500, {}, { outcome: 'refused' }],
  [401, {}, { outcome: 'refused', reason: 'it answers with status 401' }],
])('status %d', async (status, headers, expected) => {
  const { send } = call('http://collector:4318', () => new Response('no', { status, headers }))
  expect(await send()).toMatchObject(expected)
})

test('an answer that says what was left out, an empty one, and none', async () => {
  const partial = { partialSuccess: { rejectedSpans: '2', errorMessage: 'too old' } }
  expect(await call('http://c', () => Response.json(partial)).send()).toEqual({ outcome: 'taken', rejected: 2, reason: 'too old' })
  expect(await call('http://c', () => new Response('')).send()).toEqual(TAKEN)
  const gone = () => Promise.reject(new TypeError('fetch failed', { cause: new Error('connect ECONNREFUSED') }))
  expect(await call('http://c', gone).send()).toEqual({ outcome: 'later', afterMs: 0, reason: 'fetch failed: connect ECONNREFUSED' })
})
