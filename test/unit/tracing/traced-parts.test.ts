import { expect, test } from 'vitest'
import type { KafkaRecord, OutgoingRecord } from '../../../src/kafka/record.ts'
import { BytesWriter } from '../../../src/kafka/wire/bytes/bytes-writer.ts'
import { DecodedRecord } from '../../../src/kafka/wire/decoded-record.ts'
import { RetryLaterError } from '../../../src/messages/errors.ts'
import type { Span } from '../../../src/tracing/span.ts'
import { tracedHearing, tracedPublish } from '../../../src/tracing/traced-gossip.ts'
import { tracedHandler } from '../../../src/tracing/traced-handler.ts'
import { tracedSend } from '../../../src/tracing/traced-producer.ts'
import { Tracer } from '../../../src/tracing/tracer.ts'
import { createTestClock } from '../../support/test-clock.ts'

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const SPAN = '00f067aa0ba902b7'
const EVENT_ID = '0af7651916cd43dd8448eb211c80319c'
const SAMPLED = { traceparent: `00-${TRACE}-${SPAN}-01` }
const isTransient = (error: unknown) => error instanceof RetryLaterError

function setup(samplingRatio = 1) {
  const spans: Span[] = []
  const clock = createTestClock()
  const tracer = new Tracer({ samplingRatio }, { sink: { add: (span) => spans.push(span) }, clock })
  return { spans, clock, tracer }
}

function recordWith(headers: Record<string, string>): KafkaRecord {
  return { topic: 'blocks-in', partition: 2, offset: 41n, key: Buffer.from('ab'), value: null, headers, timestamp: 0 }
}

test('a record with a trace: a span below it, and the handler gets the context of that span', async () => {
  const { spans, tracer, clock } = setup()
  const handle = tracedHandler(
    { groupId: 'b.log' },
    async ({ headers }) => {
      clock.pass(7)
      return headers.traceparent ?? 'none'
    },
    { tracer, isTransient },
  )
  const outcome = await handle(recordWith({ ...SAMPLED, tracestate: 'vendor=1' }))
  const [span] = spans
  expect(span).toMatchObject({
    traceId: TRACE,
    parentSpanId: SPAN,
    traceState: 'vendor=1',
    name: 'process blocks-in',
    kind: 'consumer',
    error: undefined,
    attributes: {
      'messaging.system': 'kafka',
      'messaging.destination.name': 'blocks-in',
      'messaging.destination.partition.id': '2',
      'messaging.kafka.offset': 41,
      'messaging.consumer.group.name': 'b.log',
      'messaging.kafka.message.key': 'ab',
    },
  })
  expect(outcome).toBe(`00-${TRACE}-${span?.spanId}-01`)
  expect((span?.endedAt ?? 0) - (span?.startedAt ?? 0)).toBeCloseTo(7)
})

test('a trace that its writer does not record is passed on, and not recorded here', async () => {
  const { spans, tracer } = setup()
  const unsampled = { traceparent: `00-${TRACE}-${SPAN}-00` }
  const handle = tracedHandler({ groupId: 'g' }, async ({ headers }) => headers.traceparent ?? 'none', { tracer, isTransient })
  expect(await handle(recordWith(unsampled))).toBe(unsampled.traceparent)
  expect(spans).toEqual([])
})

test('a record without a trace begins one with the id of its event, or none', async () => {
  const { spans, tracer } = setup()
  const seen: (string | undefined)[] = []
  const handle = async ({ headers }: KafkaRecord) => {
    seen.push(headers.traceparent)
    return 'sent'
  }
  await tracedHandler({ groupId: 'g' }, handle, { tracer, isTransient, sourceOf: () => EVENT_ID })(recordWith({}))
  await tracedHandler({ groupId: 'g' }, handle, { tracer, isTransient, sourceOf: () => undefined })(recordWith({ traceparent: 'rubbish' }))
  expect(spans).toHaveLength(1)
  expect(spans[0]).toMatchObject({ traceId: EVENT_ID, parentSpanId: undefined })
  expect(seen).toEqual([`00-${EVENT_ID}-${spans[0]?.spanId}-01`, 'rubbish'])
})

test('with a ratio of 0 a new trace is named, and not recorded', async () => {
  const { spans, tracer } = setup(0)
  const handle = tracedHandler({ groupId: 'g' }, async ({ headers }) => headers.traceparent ?? 'none', {
    tracer,
    isTransient,
    sourceOf: () => EVENT_ID,
  })
  expect(await handle(recordWith({}))).toMatch(new RegExp(`^00-${EVENT_ID}-[0-9a-f]{16}-00$`))
  expect(spans).toEqual([])
})

test('a record that waits or is none of ours leaves no span; a failure does', async () => {
  const { spans, tracer } = setup()
  const results: (() => Promise<string>)[] = [
    () => Promise.resolve('skipped'),
    () => Promise.reject(new RetryLaterError('later')),
    () => Promise.reject(new TypeError('wrong')),
  ]
  for (const result of results) {
    await tracedHandler({ groupId: 'g' }, result, { tracer, isTransient })(recordWith(SAMPLED)).catch(() => {})
  }
  expect(spans).toHaveLength(1)
  expect(spans[0]).toMatchObject({ error: 'wrong', attributes: { 'error.type': 'TypeError' } })
})

test('a record that is sent carries the span of its sending', async () => {
  const { spans, tracer } = setup()
  const sent: OutgoingRecord[] = []
  const send = tracedSend(
    {
      async send(topic, record) {
        sent.push(record)
        return { topic, partition: 0, offset: 9n }
      },
    },
    tracer,
  )
  const plain = { key: 'k', value: null, headers: {} }
  await send('blocks', plain)
  await send('blocks', { ...plain, headers: { ...SAMPLED } })
  expect(spans).toHaveLength(1)
  expect(spans[0]).toMatchObject({ parentSpanId: SPAN, name: 'send blocks', kind: 'producer', attributes: { 'messaging.kafka.offset': 9 } })
  expect(sent[0]).toBe(plain)
  expect(sent[1]?.headers.traceparent).toBe(`00-${TRACE}-${spans[0]?.spanId}-01`)
})

test('an accepted gossip message: from its judgement to its offer, in the trace of its event', () => {
  const { spans, tracer, clock } = setup()
  const offers: unknown[] = []
  const hearing = tracedHearing(
    {
      judge(_message: { topic: string; signer: string; sequenceNumber: bigint }) {
        clock.pass(3)
        return 'accept'
      },
      offer(_event: { id: string }, occurrence) {
        offers.push(occurrence.trace?.traceparent)
        return 'new'
      },
    },
    tracer,
  )
  hearing.judge({ topic: 'net-block', signer: '12D3', sequenceNumber: 5n })
  hearing.offer({ id: EVENT_ID }, { sequenceNumber: 5n })
  expect(spans).toHaveLength(1)
  expect(spans[0]).toMatchObject({ traceId: EVENT_ID, name: 'process net-block', attributes: { 'bridge.peer_id': '12D3' } })
  expect((spans[0]?.endedAt ?? 0) - (spans[0]?.startedAt ?? 0)).toBeCloseTo(3)
  expect(offers).toEqual([`00-${EVENT_ID}-${spans[0]?.spanId}-01`])
})

test('publishing is a span of the record that asks for it', async () => {
  const { spans, tracer } = setup()
  expect(await tracedPublish({ type: 'block', trace: SAMPLED }, async () => 3, tracer)).toBe(3)
  expect(await tracedPublish({ type: 'block', trace: undefined }, async () => 3, tracer)).toBe(3)
  await expect(tracedPublish({ type: 'block', trace: SAMPLED }, () => Promise.reject(new Error('gone')), tracer)).rejects.toThrow('gone')
  expect(spans.map(({ name, error }) => [name, error])).toEqual([
    ['publish block', undefined],
    ['publish block', 'gone'],
  ])
  expect(spans[0]?.attributes['bridge.recipients']).toBe(3)
})

test('a step of the wall clock moves later spans, and no span ends before it began', async () => {
  const { spans, tracer, clock } = setup()
  const step = async () => {
    clock.stepWall(-60_000)
    return 1
  }
  await tracedPublish({ type: 'block', trace: SAMPLED }, step, tracer)
  const [span] = spans
  expect(span && span.startedAt - tracer.now()).toBeCloseTo(60_000)
})

test('a traced record keeps its other headers as bytes, and its own place and time', async () => {
  const { tracer } = setup()
  const id = Buffer.from([1, 0xff, 0xfe])
  const record = new DecodedRecord(
    { topic: 'blocks-in', partition: 2, isProducerTime: true },
    { offset: 41n, timestamp: 7, key: null, value: Buffer.from('v') },
    headersOf({ __value_schema_id: id, traceparent: Buffer.from(SAMPLED.traceparent) }),
    0,
    1000,
  )
  const seen: KafkaRecord[] = []
  const handle = tracedHandler({ groupId: 'b.log' }, async (given) => String(seen.push(given)), { tracer, isTransient })
  await handle(record)
  const [given] = seen
  expect(given).toMatchObject({ topic: 'blocks-in', partition: 2, offset: 41n, timestamp: 7, isProducerTime: true, key: null })
  expect(given?.headerBytes?.('__value_schema_id')).toEqual(id)
  expect(given?.headerBytes?.('traceparent')?.toString()).toBe(given?.headers.traceparent)
  expect(given?.headers.traceparent).toMatch(new RegExp(`^00-${TRACE}-(?!${SPAN})`))
  expect(given?.headerBytes?.('none')).toBeUndefined()
})

/** Headers as they stand at the end of a record. */
function headersOf(headers: Record<string, Buffer>): Buffer {
  const writer = new BytesWriter().varint(Object.keys(headers).length)
  for (const [name, value] of Object.entries(headers)) writer.varint(name.length).bytes(Buffer.from(name)).varint(value.length).bytes(value)
  return writer.written()
}
