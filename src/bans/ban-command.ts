import { BadInputError } from '../messages/errors.ts'
import { parseBanKey } from './ban-key.ts'
import type { BanRequest } from './ports.ts'

/** A record of the ban commands as decoded: its schema is schemas/avro/ban-command.avsc. */
export interface BanCommand {
  readonly action: string
  readonly key: string
  /** Milliseconds since the epoch. */
  readonly until?: number | bigint | null
  readonly durationSeconds?: number | bigint | null
  readonly permanent?: boolean
  readonly reason?: string
}

export interface BanCommandOptions {
  readonly defaultDurationMs: number
  /** When the command was given: durations count from here, and an `until` before it is refused. */
  readonly givenAt: number
}

const LONGEST_REASON = 1024
/** The end of the year 9999. Databases and tools disagree about later dates. */
const LATEST_UNTIL = Date.UTC(9999, 11, 31)

/**
 * The result depends only on the command and its own time, so a redelivery years later means the same. Throws BadInputError
 * with a message for the person who wrote the command.
 */
export function normaliseBanCommand(command: BanCommand, options: BanCommandOptions): BanRequest {
  const reason = cleanReason(command.reason ?? '')
  switch (command.action) {
    case 'add':
      return { action: 'add', key: parseBanKey(command.key).text, until: untilOf(command, options), reason }
    case 'remove':
      return { action: 'remove', key: parseBanKey(command.key).text, until: null, reason }
    case 'clear':
      if (command.key !== '') throw refused(`clear empties the whole list and takes no key ("${command.key}"): use remove for one key`)
      return { action: 'clear', key: '', until: null, reason }
    default:
      throw refused(`unknown action "${command.action}": it is add, remove or clear`)
  }
}

function untilOf({ until, durationSeconds, permanent }: BanCommand, { defaultDurationMs, givenAt }: BanCommandOptions): number | null {
  const given = [permanent === true, until != null, durationSeconds != null].filter(Boolean).length
  if (given > 1) throw refused('give only one of until, durationSeconds and permanent')
  if (permanent) return null
  if (until != null) return absolute(Number(until), givenAt)
  if (durationSeconds == null) return Math.min(givenAt + defaultDurationMs, LATEST_UNTIL)
  const seconds = Number(durationSeconds)
  if (!(seconds > 0)) throw refused(`durationSeconds is ${seconds}: it is greater than 0 (permanent: true bans for good)`)
  return absolute(givenAt + Math.round(seconds * 1000), givenAt)
}

function absolute(until: number, givenAt: number): number {
  if (!Number.isSafeInteger(until)) throw refused(`until is ${until}: it is a whole number of milliseconds since 1970`)
  if (until > LATEST_UNTIL) throw refused(`until is ${until}, after the year 9999: use permanent: true`)
  if (until > givenAt) return until
  if (until * 1000 > givenAt && until < givenAt / 100)
    throw refused(`until is ${until}, which looks like seconds: it counts milliseconds since 1970`)
  const text = until >= 0 ? new Date(until).toISOString() : String(until)
  throw refused(`until is ${text}, which was over when the command was given: a ban ends in the future`)
}

/** Postgres keeps no NUL and no half surrogates in text. */
function cleanReason(reason: string): string {
  return reason.slice(0, LONGEST_REASON).replaceAll('\0', '').toWellFormed()
}

function refused(message: string): BadInputError {
  return new BadInputError('ban-command', message)
}
