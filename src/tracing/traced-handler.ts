import type { KafkaRecord } from '../kafka/record.ts'
import { type TraceHeaders, traceHeaders } from '../messages/trace-context.ts'
import type { OpenSpan, SpanStart, Tracer } from './tracer.ts'

export interface TracedHandlerOptions {
  readonly groupId: string
}

export interface TracedHandlerDeps {
  readonly tracer: Tracer
  /** Of a record without a trace context: what the id of its trace follows from. Undefined: no trace begins with it. */
  readonly sourceOf?: (record: KafkaRecord) => string | undefined
  /** Whether the handler will be called again with the same record. */
  readonly isTransient: (error: unknown) => boolean
}

type Handler = (record: KafkaRecord) => Promise<string>

/** Records that the flow has nothing to do with: a span for each would hide the others. */
const NOTHING_DONE = 'skipped'

/**
 * A handler of a consumer group with a span for each record that it deals with. Records for the handler carry the context of that span,
 * so what it writes belongs to the trace.
 */
export function tracedHandler({ groupId }: TracedHandlerOptions, handle: Handler, deps: TracedHandlerDeps): Handler {
  const { tracer, sourceOf, isTransient } = deps
  return async (record) => {
    const given = traceHeaders(record)
    const start = () => processing(record, groupId)
    if (given) return within(tracer.child(given, start()), given, record)
    const source = sourceOf?.(record)
    if (source === undefined) return handle(record)
    const root = tracer.root(source)
    return within(tracer.first(root, start()), root, record)
  }

  async function within(span: OpenSpan | undefined, trace: TraceHeaders, record: KafkaRecord): Promise<string> {
    try {
      const outcome = await handle(tracedRecord(record, span?.headers ?? trace))
      if (outcome !== NOTHING_DONE) span?.end({ 'bridge.outcome': outcome })
      return outcome
    } catch (error) {
      if (!isTransient(error)) span?.end({ 'error.type': nameOf(error) }, messageOf(error))
      throw error
    }
  }
}

/** The record with another trace context, and all other headers as they came: their bytes too. */
function tracedRecord(record: KafkaRecord, trace: TraceHeaders): KafkaRecord {
  const { topic, partition, offset, key, value, timestamp } = record
  const more = record.isProducerTime === undefined ? {} : { isProducerTime: record.isProducerTime }
  const headers: Record<string, string> = { ...record.headers, ...trace }
  const ofTrace = new Map(Object.entries(trace).map(([name, text]) => [name, Buffer.from(String(text))]))
  const headerBytes = (name: string) => ofTrace.get(name) ?? (record.headerBytes ? record.headerBytes(name) : bytesOf(headers[name]))
  return { topic, partition, offset, key, value, timestamp, headers, headerBytes, ...more }
}

function bytesOf(text: string | undefined): Buffer | undefined {
  return text === undefined ? undefined : Buffer.from(text)
}

function processing({ topic, partition, offset, key }: KafkaRecord, groupId: string): SpanStart {
  return {
    name: `process ${topic}`,
    kind: 'consumer',
    attributes: {
      'messaging.system': 'kafka',
      'messaging.operation.name': 'process',
      'messaging.operation.type': 'process',
      'messaging.destination.name': topic,
      'messaging.destination.partition.id': String(partition),
      'messaging.kafka.offset': Number(offset),
      'messaging.consumer.group.name': groupId,
      ...(key === null ? {} : { 'messaging.kafka.message.key': keyText(key) }),
    },
  }
}

const MAX_KEY_BYTES = 100

/** Keys that others wrote may be bytes of any length. */
function keyText(key: Buffer): string {
  const text = key.toString('utf8', 0, MAX_KEY_BYTES)
  return /^[\x20-\x7e]*$/.test(text) ? text : key.toString('hex', 0, MAX_KEY_BYTES)
}

export function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : 'Error'
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
