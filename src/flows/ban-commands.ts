import type { BanCommand } from '../bans/ban-command.ts'
import type { BanOrigin } from '../bans/ban-origin.ts'
import { commandCause } from '../bans/command-cause.ts'
import type { BanOutcome } from '../bans/ports.ts'
import type { RecordHandler } from '../events/ports.ts'
import type { KafkaRecord } from '../kafka/record.ts'

export interface BanCommandsOptions {
  readonly bridgeId: string
}

export interface BanCommandsDeps {
  /** Throws BadInputError. */
  readonly decode: (record: KafkaRecord) => BanCommand
  /** Durable when it resolves. Throws BadInputError for an invalid command, RetryLaterError while the ban store is away. */
  readonly apply: (command: BanCommand, origin: BanOrigin) => Promise<BanOutcome>
}

/**
 * Commands of operators to the ban list. The cause identifies the record, so a redelivered command changes nothing; durations
 * count from the record's time, so a command that waited does not ban longer than intended.
 */
export function banCommands({ bridgeId }: BanCommandsOptions, { decode, apply }: BanCommandsDeps): RecordHandler {
  return async (record) => {
    if (record.headers['bridge-id'] === bridgeId) return 'own-bridge'
    const who = record.headers['given-by'] ?? null
    const origin = { door: 'kafka', who, cause: commandCause(record), givenAt: record.timestamp } as const
    const outcome = await apply(decode(record), origin)
    if (outcome.isRepeated) return 'repeated'
    return outcome.change.changed ? 'applied' : 'unchanged'
  }
}
