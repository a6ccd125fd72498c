import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { createNodeServices } from '../../support/bridge/node-services.ts'
import { type ReceivedSpan, startOtlpReceiver } from '../../support/bridge/otlp-receiver.ts'
import { createNode, startBridge } from '../../support/bridge/start-bridge.ts'
import { eventually } from '../../support/eventually.ts'
import { createTopicClient } from '../../support/stack/topic-client.ts'

const KEY = 'of the collector'
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const SPAN = '00f067aa0ba902b7'
const TRACEPARENT = `00-${TRACE}-${SPAN}-01`

const subtree = (headers: Record<string, string>) => {
  const hash = randomBytes(32).toString('hex')
  return { key: hash, value: JSON.stringify({ type: 'Subtree', hash }), headers }
}

/** The names of the spans of a trace from the first to the given one. */
function wayTo(span: ReceivedSpan | undefined, all: readonly ReceivedSpan[]): string[] {
  if (!span) return []
  return [
    ...wayTo(
      all.find(({ spanId }) => spanId === span.parentSpanId),
      all,
    ),
    span.name,
  ]
}

test('the way of a message, from its record to gossip, and from gossip to validation, is two traces at the collector', async () => {
  const [a, b, client, services, collector] = await Promise.all([
    createNode(),
    createNode(),
    createTopicClient(),
    createNodeServices(),
    startOtlpReceiver({ key: KEY }),
  ])
  const otlp = { OTLP_ENDPOINT: collector.endpoint, OTLP_HEADERS: `x-key=${encodeURIComponent(KEY)}` }
  const one = await startBridge(a, otlp)
  const other = await startBridge(b, { ...otlp, P2P_STATIC_PEERS: a.multiaddr })
  const [record, invalid] = [subtree({ traceparent: TRACEPARENT, tracestate: 'vendor=1' }), subtree({ traceparent: 'rubbish' })]
  await services.produce(a.topics.notifications, record, invalid)

  const validated = await eventually(async () => {
    const records = await client.readAll(b.topics.subtrees, 2)
    expect(records.length).toBeGreaterThanOrEqual(2)
    return records
  })
  const logged = async (topic: string, key: string) => {
    const records = await client.readAll(topic)
    return records.find(({ headers, value }) => headers.type === 'subtree' && value?.includes(key)) // a hash is text in Avro too
  }
  const [own, ownInvalid] = await eventually(async () => {
    const found = [await logged(a.topics.events, record.key), await logged(a.topics.events, invalid.key)]
    expect(found).not.toContain(undefined)
    return found
  })
  const heard = await logged(b.topics.events, record.key)
  const eventId = heard?.key?.toString()
  await Promise.all([one.stop(), other.stop()]) // sends the last spans

  const { spans } = collector
  const at = (name: string, traceId: string | undefined) => spans.filter((span) => span.name === name && span.traceId === traceId)
  const processed = at(`process ${a.topics.notifications}`, TRACE)
  expect(new Set(processed.map(({ attributes }) => attributes['messaging.consumer.group.name']))).toEqual(
    new Set([`${a.name}.log`, `${a.name}.gossip`]),
  )
  for (const { parentSpanId, traceState, kind, attributes, resource, start, end } of processed) {
    expect({ parentSpanId, traceState, kind }).toEqual({ parentSpanId: SPAN, traceState: 'vendor=1', kind: 5 })
    expect(attributes).toMatchObject({ 'messaging.system': 'kafka', 'messaging.kafka.message.key': record.key })
    expect(resource).toMatchObject({ 'service.name': 'gossip-bridge', 'bridge.id': a.name })
    expect(end).toBeGreaterThanOrEqual(start)
  }
  expect(wayTo(at('publish subtree', TRACE)[0], spans)).toEqual([`process ${a.topics.notifications}`, 'publish subtree'])
  const [sent] = at(`send ${a.topics.events}`, TRACE)
  expect(wayTo(sent, spans)).toEqual([`process ${a.topics.notifications}`, `send ${a.topics.events}`])
  expect(own?.headers).toMatchObject({ traceparent: `00-${TRACE}-${sent?.spanId}-01`, tracestate: 'vendor=1' })

  // What peers send has no trace context: the other bridge begins a trace with the id of its event.
  const [handedOver] = at(`send ${b.topics.subtrees}`, eventId)
  expect(wayTo(handedOver, spans).slice(1)).toEqual([`send ${b.topics.events}`, `process ${b.topics.events}`, `send ${b.topics.subtrees}`])
  expect(validated.find(({ key }) => key?.toString() === record.key)?.headers.traceparent).toBe(`00-${eventId}-${handedOver?.spanId}-01`)

  // An invalid context is ignored, and its record is as good as any.
  expect(ownInvalid?.headers.traceparent).toContain(`00-${ownInvalid?.key?.toString()}-`)
  expect(await one.registry.metrics()).toMatch(/bridge_invalid_trace_contexts_total\{.*\} [1-9]/)
  expect(await one.registry.metrics()).toMatch(/bridge_trace_spans_total\{.*outcome="exported".*\} [1-9]/)
  expect(await client.readAll(a.topics.deadLetters)).toEqual([])
})

test('without a collector a trace context is passed on as it is, and none is made', async () => {
  const [node, client, services] = await Promise.all([createNode(), createTopicClient(), createNodeServices()])
  const bridge = await startBridge(node)
  const records = [subtree({ traceparent: TRACEPARENT, tracestate: 'vendor=1' }), subtree({}), subtree({ traceparent: 'rubbish' })]
  await services.produce(node.topics.notifications, ...records)
  const contexts = await eventually(async () => {
    const logged = (await client.readAll(node.topics.events)).filter(({ headers }) => headers.type === 'subtree')
    expect(new Set(logged.map(({ key }) => key?.toString())).size).toBe(3)
    return logged.flatMap(({ headers: { traceparent, tracestate } }) => (traceparent ? [{ traceparent, tracestate }] : []))
  })
  expect(contexts).toEqual([{ traceparent: TRACEPARENT, tracestate: 'vendor=1' }])
  expect(await bridge.registry.metrics()).not.toContain('bridge_trace_spans_total')
})
