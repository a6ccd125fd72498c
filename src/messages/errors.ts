/**
 * A record or message that can never be understood, whoever reads it and however often. The flow's caller puts the
 * record into the dead letters and moves on. `reason` is a word from a closed set (it becomes a metric label and a
 * header); the message says what was found and what would be right.
 */
export class BadInputError extends Error {
  override readonly name = 'BadInputError'
  readonly code = 'BRIDGE_BAD_INPUT'
  readonly reason: string

  constructor(reason: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.reason = reason
  }
}

/** Something outside is away for now (no peer, a full queue, Postgres): the record waits and is tried again. */
export class RetryLaterError extends Error {
  override readonly name = 'RetryLaterError'
  readonly code = 'BRIDGE_RETRY_LATER'
}
