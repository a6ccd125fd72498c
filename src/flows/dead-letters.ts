import type { KafkaRecord, OutgoingRecord } from '../kafka/record.ts'
import { BadInputError } from '../messages/errors.ts'
import { type DeadLetterOptions, lettersOf } from './dead-letter.ts'

export interface DeadLettersDeps {
  /** Resolves when the dead letter is acknowledged. Rejects with an error that `isRefused` recognises if it is too large. */
  readonly send: (record: OutgoingRecord) => Promise<unknown>
  readonly isRefused: (error: unknown) => boolean
  readonly now: () => number
}

/**
 * Writes an unusable record to the dead letters, as complete as the topic accepts it. When it resolves, the record is stored and the
 * caller may move the offset.
 */
export function deadLetters(options: DeadLetterOptions, deps: DeadLettersDeps): (record: KafkaRecord, error: unknown) => Promise<string> {
  return async (record, error) => {
    const reason = reasonOf(error)
    let refusal: unknown
    for (const letter of lettersOf(options, { record, reason, error, now: deps.now() })) {
      try {
        await deps.send(letter)
        return reason
      } catch (sendError) {
        if (!deps.isRefused(sendError)) throw sendError
        refusal = sendError
      }
    }
    throw refusal
  }
}

/** A batch that cannot be decompressed is bad input too. The Kafka client, which knows no BadInputError, finds it. */
function reasonOf(error: unknown): string {
  if (error instanceof BadInputError) return error.reason
  const isUndecodable = error instanceof Error && 'reason' in error && error.reason === 'undecodable-batch'
  return isUndecodable ? 'undecodable-batch' : 'internal'
}
