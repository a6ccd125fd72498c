import type { TraceHeaders } from '../messages/trace-context.ts'
import { messageOf, nameOf } from './traced-handler.ts'
import type { Tracer } from './tracer.ts'

const SYSTEM = { 'messaging.system': 'libp2p_gossipsub' }

interface Heard {
  readonly topic: string
  readonly signer: string
  readonly sequenceNumber: bigint
}

export interface Hearing<Message extends Heard, Result, Event extends { readonly id: string }, Outcome extends string> {
  readonly judge: (message: Message) => Result
  readonly offer: (event: Event, occurrence: Occurrence) => Outcome
}

interface Occurrence {
  readonly sequenceNumber: bigint
  readonly trace?: TraceHeaders | undefined
}

/**
 * The two steps of hearing a gossip message, with a span from the first to the end of the second for each accepted one. Both run in one
 * turn of the event loop. The id of the event is the id of the trace, so all instances agree.
 */
export function tracedHearing<Message extends Heard, Result, Event extends { readonly id: string }, Outcome extends string>(
  { judge, offer }: Hearing<Message, Result, Event, Outcome>,
  tracer: Tracer,
): Hearing<Message, Result, Event, Outcome> {
  let latest: { readonly message: Message; readonly startedAt: number } | undefined
  return {
    judge(message) {
      latest = { message, startedAt: tracer.now() }
      return judge(message)
    },
    offer(event, occurrence) {
      const root = tracer.root(event.id)
      const span = latest && tracer.first(root, hearing(latest.message, latest.startedAt))
      const outcome = offer(event, { sequenceNumber: occurrence.sequenceNumber, trace: span?.headers ?? root })
      span?.end({ 'bridge.outcome': outcome })
      return outcome
    },
  }
}

function hearing({ topic, signer, sequenceNumber }: Heard, startedAt: number) {
  return {
    name: `process ${topic}`,
    kind: 'consumer',
    startedAt,
    attributes: {
      ...SYSTEM,
      'messaging.operation.name': 'process',
      'messaging.operation.type': 'process',
      'messaging.destination.name': topic,
      'messaging.message.id': sequenceNumber.toString(),
      'bridge.peer_id': signer,
    },
  } as const
}

export interface Publishing {
  /** Names the kind of the message. */
  readonly type: string
  /** Of the record that asks for it. */
  readonly trace: TraceHeaders | undefined
}

/** Publishes with a span, from the queue of the pacer to the peers. The result is the number of peers, or a word for another outcome. */
export async function tracedPublish<Result extends number | string>(
  { type, trace }: Publishing,
  publish: () => Promise<Result>,
  tracer: Tracer,
): Promise<Result> {
  const span = trace && tracer.child(trace, { name: `publish ${type}`, kind: 'producer', attributes: publishing(type) })
  if (!span) return publish()
  try {
    const result = await publish()
    span.end(typeof result === 'number' ? { 'bridge.recipients': result } : { 'bridge.outcome': result })
    return result
  } catch (error) {
    span.end({ 'error.type': nameOf(error) }, messageOf(error))
    throw error
  }
}

function publishing(type: string) {
  return { ...SYSTEM, 'messaging.operation.name': 'publish', 'messaging.operation.type': 'send', 'messaging.destination.name': type }
}
