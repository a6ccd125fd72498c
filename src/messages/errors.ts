/** All reasons for bad input. They are header values and metric labels. */
export const BAD_INPUT_REASONS = [
  'null-value',
  'unknown-framing',
  'unknown-schema',
  'wrong-schema',
  'bad-schema-header',
  'truncated',
  'trailing-bytes',
  'malformed-avro',
  'malformed-protobuf',
  'not-json',
  'wrong-shape',
  'bad-content',
  'ban-key',
  'ban-command',
  'too-large',
] as const
export type BadInputReason = (typeof BAD_INPUT_REASONS)[number]

/**
 * A record that no reader can ever use. The caller of the flow puts it into the dead letters and moves on. The message says what was
 * found and what is expected.
 */
export class BadInputError extends Error {
  override readonly name = 'BadInputError'
  readonly code = 'BRIDGE_BAD_INPUT'
  readonly reason: BadInputReason

  constructor(reason: BadInputReason, message: string, options?: ErrorOptions) {
    super(message, options)
    this.reason = reason
  }
}

/** An outside dependency is temporarily unavailable (no peer, a full queue, Postgres): the record waits and is tried again. */
export class RetryLaterError extends Error {
  override readonly name = 'RetryLaterError'
  readonly code = 'BRIDGE_RETRY_LATER'
}
