import type { KafkaRecord, OutgoingRecord } from '../kafka/record.ts'
import { BadInputError } from '../messages/errors.ts'
import { type DeadLetterOptions, lettersOf } from './dead-letter.ts'

export interface DeadLettersDeps {
  /** Resolves when the dead letter is acknowledged; rejects with an error that `isRefused` knows when it is too large. */
  readonly send: (record: OutgoingRecord) => Promise<unknown>
  readonly isRefused: (error: unknown) => boolean
  readonly now: () => number
}

/**
 * Puts a record that nobody can use where people can look at it, as whole as the topic takes it. Resolves when it is there, so the
 * caller may move the offset; rejects when it is not.
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

/** A batch that cannot be decompressed is bad input too, found where messages are not known. */
function reasonOf(error: unknown): string {
  if (error instanceof BadInputError) return error.reason
  const isUndecodable = error instanceof Error && 'reason' in error && error.reason === 'undecodable-batch'
  return isUndecodable ? 'undecodable-batch' : 'internal'
}
