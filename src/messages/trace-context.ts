/**
 * W3C Trace Context, in the headers `traceparent` and `tracestate` of records. Gossip messages have no place for it.
 * See https://www.w3.org/TR/trace-context/.
 */
export interface TraceHeaders {
  readonly traceparent: string
  /** What other tracing systems add; passed on as it is. */
  readonly tracestate?: string
}

/** The content of a `traceparent`. */
export interface TraceParent {
  /** 32 lower-case hex characters. */
  readonly traceId: string
  /** Of the span that wrote it; 16 lower-case hex characters. */
  readonly spanId: string
  /** Whether the writer records this trace. */
  readonly isSampled: boolean
}

/** A record, as far as its headers matter. `headerBytes` finds one without decoding all of them. */
export interface Headed {
  readonly headers?: Readonly<Record<string, string | undefined>>
  headerBytes?(name: string): Buffer | undefined
}

/** Version, trace, span, flags; a later version than 00 may have more behind them. */
const TRACEPARENT = /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/
/** The specification asks for at least so many characters to be passed on. */
const MAX_TRACESTATE = 512
const SAMPLED = 1

/** Undefined for a text that is no `traceparent`: the specification asks to ignore it. */
export function parseTraceparent(text: string): TraceParent | undefined {
  const [, version, traceId, spanId, flags = '', more] = TRACEPARENT.exec(text) ?? []
  if (traceId === undefined || spanId === undefined || (version === '00' && more !== undefined)) return undefined
  return { traceId, spanId, isSampled: (Number.parseInt(flags, 16) & SAMPLED) !== 0 }
}

export function formatTraceparent({ traceId, spanId, isSampled }: TraceParent): string {
  return `00-${traceId}-${spanId}-${isSampled ? '01' : '00'}`
}

/** The trace context in the headers of a record, to be passed on. Undefined if there is none, or an invalid one. */
export function traceHeaders(record: Headed): TraceHeaders | undefined {
  const traceparent = headerText(record, 'traceparent')
  if (traceparent === undefined || !parseTraceparent(traceparent)) return undefined
  const tracestate = headerText(record, 'tracestate')
  return tracestate !== undefined && tracestate.length <= MAX_TRACESTATE ? { traceparent, tracestate } : { traceparent }
}

/** The trace context of the program that called us, in `TRACEPARENT` and `TRACESTATE`, as OpenTelemetry has it for environments. */
export function traceOfEnvironment({ TRACEPARENT, TRACESTATE }: Readonly<Record<string, string | undefined>>): TraceHeaders | undefined {
  return traceHeaders({ headers: { traceparent: TRACEPARENT, tracestate: TRACESTATE } })
}

/** Whether a record names a trace in a way that nobody can use. */
export function isInvalidTrace(record: Headed): boolean {
  const traceparent = headerText(record, 'traceparent')
  return traceparent !== undefined && !parseTraceparent(traceparent)
}

function headerText(record: Headed, name: string): string | undefined {
  return record.headerBytes ? record.headerBytes(name)?.toString() : record.headers?.[name]
}

/** The record with the trace context in its headers. */
export function withTrace<R extends { readonly headers: Readonly<Record<string, string>> }>(record: R, trace: TraceHeaders | undefined): R {
  return trace === undefined ? record : { ...record, headers: { ...record.headers, ...trace } }
}
