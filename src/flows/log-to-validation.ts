import type { ValidationRecord } from '../events/entries/validation-record.ts'
import type { LogEvent } from '../events/event.ts'
import type { RecordHandler } from '../events/ports.ts'
import type { KafkaRecord } from '../kafka/record.ts'
import { traceHeaders, withTrace } from '../messages/trace-context.ts'

export interface LogToValidationOptions {
  readonly network: string
}

export interface LogToValidationDeps {
  /** Undefined for an event of a type that this version does not know. */
  readonly decode: (record: KafkaRecord) => LogEvent | undefined
  /** Waits until our own tail, which records the ids seen, has passed the offset. */
  readonly isFirst: (id: string, offset: bigint) => Promise<boolean>
  /** Undefined for own events and for kinds that are not validated. */
  readonly toValidation: (event: LogEvent) => ValidationRecord | undefined
  /** Resolves when acknowledged. The caller commits afterwards. */
  readonly send: (record: ValidationRecord) => Promise<unknown>
}

/** Foreign blocks, subtrees and sync hints of the event log to the validation topics: first occurrences only. */
export function logToValidation({ network }: LogToValidationOptions, deps: LogToValidationDeps): RecordHandler {
  return async (record) => {
    const event = deps.decode(record)
    if (event && event.network !== network) return 'foreign' // an event log that two bridges share by mistake
    const announcement = event && deps.toValidation(event)
    if (!announcement) return 'skipped'
    // A node that catches up would take the URL for the identity of the peer, and give up on all that it announces.
    if (!event.peerId) return 'unsigned'
    if (!(await deps.isFirst(event.id, record.offset))) return 'repeated'
    const { topic, record: validation } = announcement
    await deps.send({ topic, record: withTrace(validation, traceHeaders(record)) })
    return 'sent'
  }
}
