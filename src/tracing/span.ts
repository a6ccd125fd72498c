/** Numbers of OpenTelemetry's protocol: what a span does with a message. */
export const SPAN_KINDS = { internal: 1, producer: 4, consumer: 5 } as const

export type SpanKind = keyof typeof SPAN_KINDS

export type SpanAttributes = Readonly<Record<string, string | number>>

/** A piece of work that has ended. */
export interface Span {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId: string | undefined
  readonly traceState: string | undefined
  readonly name: string
  readonly kind: SpanKind
  /** Milliseconds since the epoch, with fractions. */
  readonly startedAt: number
  readonly endedAt: number
  readonly attributes: SpanAttributes
  /** Undefined for a span that succeeded. */
  readonly error: string | undefined
}

/** Takes ended spans; never waits. */
export interface SpanSink {
  add(span: Span): void
}
