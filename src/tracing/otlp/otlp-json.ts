import { SPAN_KINDS, type Span, type SpanAttributes } from '../span.ts'

/** Says who exports: attributes of OpenTelemetry's resource. */
export type Resource = SpanAttributes

const SCOPE = { name: 'gossip-bridge' }
const ERROR_STATUS = 2

/**
 * The JSON of OTLP/HTTP for a batch of spans: ids are hex, 64-bit integers are text, and enumerations are numbers.
 * See https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding.
 */
export function otlpJson(resource: Resource, spans: readonly Span[]): string {
  return JSON.stringify({
    resourceSpans: [{ resource: { attributes: attributesOf(resource) }, scopeSpans: [{ scope: SCOPE, spans: spans.map(spanJson) }] }],
  })
}

function spanJson({ traceId, spanId, parentSpanId, traceState, name, kind, startedAt, endedAt, attributes, error }: Span) {
  return {
    traceId,
    spanId,
    ...(parentSpanId === undefined ? {} : { parentSpanId }),
    ...(traceState === undefined ? {} : { traceState }),
    name,
    kind: SPAN_KINDS[kind],
    startTimeUnixNano: nanoseconds(startedAt),
    endTimeUnixNano: nanoseconds(Math.max(startedAt, endedAt)),
    attributes: attributesOf(attributes),
    ...(error === undefined ? {} : { status: { code: ERROR_STATUS, message: error } }),
  }
}

function attributesOf(attributes: SpanAttributes) {
  return Object.entries(attributes).map(([key, value]) => ({
    key,
    value: typeof value === 'string' ? { stringValue: value } : { intValue: String(value) },
  }))
}

/** Whole microseconds fit a double, nanoseconds do not. */
function nanoseconds(ms: number): string {
  return `${Math.round(ms * 1000)}000`
}
