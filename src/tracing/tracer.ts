import type { Clock } from '../lifecycle/clock.ts'
import { formatTraceparent, parseTraceparent, type TraceHeaders } from '../messages/trace-context.ts'
import type { SpanAttributes, SpanKind, SpanSink } from './span.ts'
import { createSpanIds, isSampled, traceIdOf } from './trace-ids.ts'

export interface TracerOptions {
  /** Share of the traces that begin here, and are recorded; 0 to 1. */
  readonly samplingRatio: number
}

export interface TracerDeps {
  readonly sink: SpanSink
  readonly clock: Pick<Clock, 'wall' | 'steady'>
}

/** A span that has begun. It is lost unless `end` is called. */
export interface OpenSpan {
  /** For what the span causes. */
  readonly headers: TraceHeaders
  end(attributes?: SpanAttributes, error?: string): void
}

export interface SpanStart {
  readonly name: string
  readonly kind: SpanKind
  readonly attributes: SpanAttributes
  /** By `now`; the present if omitted. */
  readonly startedAt?: number
}

/** A step of the wall clock; smaller ones come from NTP. */
const STEP_MS = 50

/** Begins spans, as parts of the trace of a record or as the first of a trace. */
export class Tracer {
  readonly #options: TracerOptions
  readonly #deps: TracerDeps
  readonly #newSpanId = createSpanIds()
  #wallAhead: number | undefined

  constructor(options: TracerOptions, deps: TracerDeps) {
    this.#options = options
    this.#deps = deps
  }

  /** Milliseconds since the epoch with fractions, so that short spans have an order. */
  now(): number {
    const { wall, steady } = this.#deps.clock
    const now = steady()
    const ahead = wall() - now
    if (this.#wallAhead === undefined || Math.abs(ahead - this.#wallAhead) >= STEP_MS) this.#wallAhead = ahead
    return now + this.#wallAhead
  }

  /** The trace context of something without one: the trace id follows from `source`, so that siblings and repeats agree. */
  root(source: string): TraceHeaders {
    const traceId = traceIdOf(source)
    return {
      traceparent: formatTraceparent({
        traceId,
        spanId: this.#newSpanId(),
        isSampled: isSampled(traceId, this.#options.samplingRatio),
      }),
    }
  }

  /** A span below that of the headers. Undefined when the trace is not recorded. */
  child(trace: TraceHeaders, start: SpanStart): OpenSpan | undefined {
    const parent = parseTraceparent(trace.traceparent)
    if (!parent?.isSampled) return undefined
    return this.#open(parent.traceId, parent.spanId, trace.tracestate, start)
  }

  /** The first span of the trace of `root`. Undefined when it is not recorded. */
  first(root: TraceHeaders, start: SpanStart): OpenSpan | undefined {
    const own = parseTraceparent(root.traceparent)
    if (!own?.isSampled) return undefined
    return this.#open(own.traceId, undefined, undefined, start)
  }

  #open(traceId: string, parentSpanId: string | undefined, traceState: string | undefined, start: SpanStart): OpenSpan {
    const { name, kind, attributes, startedAt = this.now() } = start
    const spanId = this.#newSpanId()
    const traceparent = formatTraceparent({ traceId, spanId, isSampled: true })
    return {
      headers: traceState === undefined ? { traceparent } : { traceparent, tracestate: traceState },
      end: (more, error) =>
        this.#deps.sink.add({
          traceId,
          spanId,
          parentSpanId,
          traceState,
          name,
          kind,
          startedAt,
          endedAt: this.now(),
          attributes: more ? { ...attributes, ...more } : attributes,
          error,
        }),
    }
  }
}
