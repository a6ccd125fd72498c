import type { Ack, OutgoingRecord } from '../kafka/record.ts'
import { traceHeaders, withTrace } from '../messages/trace-context.ts'
import { messageOf, nameOf } from './traced-handler.ts'
import type { Tracer } from './tracer.ts'

interface Sender<Options> {
  send(topic: string, record: OutgoingRecord, options?: Options): Promise<Ack>
}

/**
 * A producer with a span for each record that carries a trace context, from its queue to the acknowledgement. The record then carries the
 * context of that span.
 */
export function tracedSend<Options>(producer: Sender<Options>, tracer: Tracer): Sender<Options>['send'] {
  return async (topic, record, options) => {
    const trace = traceHeaders(record)
    const span = trace && tracer.child(trace, { name: `send ${topic}`, kind: 'producer', attributes: sending(topic, record) })
    if (!span) return producer.send(topic, record, options)
    try {
      const ack = await producer.send(topic, withTrace(record, span.headers), options)
      span.end({ 'messaging.destination.partition.id': String(ack.partition), 'messaging.kafka.offset': Number(ack.offset) })
      return ack
    } catch (error) {
      span.end({ 'error.type': nameOf(error) }, messageOf(error))
      throw error
    }
  }
}

function sending(topic: string, { key }: OutgoingRecord) {
  return {
    'messaging.system': 'kafka',
    'messaging.operation.name': 'send',
    'messaging.operation.type': 'send',
    'messaging.destination.name': topic,
    ...(typeof key === 'string' ? { 'messaging.kafka.message.key': key } : {}),
  }
}
