import { type Command, InvalidArgumentError } from 'commander'
import type { Ban } from '../../bans/ban.ts'
import { normaliseBanCommand } from '../../bans/ban-command.ts'
import { parseBanKey } from '../../bans/ban-key.ts'
import { BanList } from '../../bans/ban-list.ts'
import { incompleteness } from '../../bans/published/ban-repairs.ts'
import { bansInForce, type InForce } from '../../bans/published/in-force.ts'
import { changeSentence } from '../../bans/text/change-sentence.ts'
import { duration } from '../../config/kinds/kinds.ts'
import { printableJson } from '../../config/printable.ts'
import type { Settings } from '../../config/settings.ts'
import { topicNames } from '../../config/topic-names.ts'
import { SYSTEM_CLOCK } from '../../lifecycle/clock.ts'
import { timeText } from '../../lifecycle/time-text.ts'
import { BadInputError } from '../../messages/errors.ts'
import type { BanCommandValue } from '../../messages/topic-values.ts'
import { traceOfEnvironment } from '../../messages/trace-context.ts'
import { parseTime, parseTimeout } from '../arguments.ts'
import { type CliContext, CommandError } from '../context.ts'
import { kafkaReason } from '../kafka-failure.ts'

interface ChangeFlags {
  readonly reason?: string
  readonly timeout: number
  readonly json?: boolean
}

interface AddFlags extends ChangeFlags {
  readonly duration?: number
  readonly until?: number
  readonly permanent?: boolean
}

export const DEFAULT_TIMEOUT_MS = 10_000

/** `gossip-bridge bans`: changes the ban list through Kafka and shows it, without access to the database. Returns the command. */
export function addBansCommand(program: Command, context: CliContext): Command {
  const bans = program.command('bans').description('Ban and unban addresses and peers, and show who is banned')
  const change = (name: string, description: string) =>
    bans
      .command(name)
      .description(description)
      .option('--reason <text>', 'why, for the audit')
      .option('--timeout <time>', 'how long to wait until a bridge has applied it', parseTimeout, DEFAULT_TIMEOUT_MS)
      .option('--json', 'print the change as JSON')

  change('add', 'Ban an IPv4 or IPv6 address, a CIDR or a peer id; wait until it is enforced')
    .argument('<key>', 'address, CIDR or peer id')
    .option('--duration <time>', 'length of the ban, such as 30m or 7d (default: ban_default_duration)', parseSpan)
    .option('--until <time>', 'end of the ban, such as 2026-01-31T12:00:00Z', parseTime)
    .option('--permanent', 'a ban without an end')
    .action((key: string, flags: AddFlags, command: Command) =>
      run({ ...NOTHING, action: 'add', key, ...endOf(flags) }, flags, context.settings(command), context),
    )
  change('remove', 'Lift the ban of exactly this address, CIDR or peer id')
    .argument('<key>', 'address, CIDR or peer id')
    .action((key: string, flags: ChangeFlags, command: Command) =>
      run({ ...NOTHING, action: 'remove', key }, flags, context.settings(command), context),
    )
  change('clear', 'Lift all bans')
    .option('--yes', 'confirm that all bans are to be lifted')
    .action((flags: ChangeFlags & { yes?: boolean }, command: Command) => {
      if (!flags.yes) throw new CommandError('This lifts all bans of the bridge. Confirm it with --yes.')
      return run({ ...NOTHING, action: 'clear' }, flags, context.settings(command), context)
    })

  bans
    .command('list')
    .description('Print who is banned now')
    .option('--json', 'print one line of JSON for each')
    .action(async (flags: { json?: boolean }, command: Command) => list(flags.json === true, context.settings(command), context))
  bans
    .command('check')
    .description('Say whether an address, CIDR or peer id is banned, and by which entry')
    .argument('<key>', 'address, CIDR or peer id')
    .option('--json', 'print the answer as JSON')
    .action((key: string, flags: { json?: boolean }, command: Command) =>
      check(key, flags.json === true, context.settings(command), context),
    )
  return bans
}

export const NOTHING: BanCommandValue = { action: '', key: '', until: null, durationSeconds: null, permanent: false, reason: '' }

function endOf({ duration, until, permanent }: AddFlags): Pick<BanCommandValue, 'until' | 'durationSeconds' | 'permanent'> {
  return {
    until: until ?? null,
    durationSeconds: duration === undefined ? null : Math.ceil(duration / 1000),
    permanent: permanent === true,
  }
}

async function run(command: BanCommandValue, flags: ChangeFlags, settings: Settings, context: CliContext): Promise<void> {
  // An invalid command is refused at once, with the bridge's own message.
  const options = { defaultDurationMs: settings.ban_default_duration, givenAt: SYSTEM_CLOCK.wall() }
  const { key, reason: why } = understandable(() => normaliseBanCommand({ ...command, reason: flags.reason ?? '' }, options))
  const { withBanCommands } = await import('./ban-kafka.ts')
  try {
    const change = await withBanCommands(
      settings,
      flags.timeout,
      { log: context.log(settings), trace: traceOfEnvironment(context.host.environment) },
      (give) => give({ ...command, key, reason: why }),
    )
    context.print(flags.json ? printableJson(JSON.stringify(change)) : printableJson(changeSentence(change)))
  } catch (error) {
    if (error instanceof CommandError) throw error
    const { events, banCommands } = topicNames(settings)
    const reason = kafkaReason(error, { brokers: settings.kafka_brokers, topics: [banCommands, events] })
    throw new CommandError(`The ban list could not be changed: ${reason}`, { cause: error })
  }
}

async function list(isJson: boolean, settings: Settings, context: CliContext): Promise<void> {
  const { bans, gap, remark } = await currentBans(settings, context)
  if (isJson) for (const ban of bans) context.print(printableJson(JSON.stringify(ban)))
  else for (const ban of bans) context.print(lineOf(ban))
  if (remark !== undefined) context.tell(remark)
  if (gap !== undefined) context.tell(warningOf(gap))
  else if (bans.length === 0) context.tell('Nobody is banned.')
}

async function check(text: string, isJson: boolean, settings: Settings, context: CliContext): Promise<void> {
  const key = understandable(() => parseBanKey(text))
  const { bans: inForce, gap } = await currentBans(settings, context)
  const bans = new BanList({ maxEntries: Number.POSITIVE_INFINITY })
  for (const ban of inForce) bans.add(ban)
  const ban = bans.covering(key, Number.NEGATIVE_INFINITY) // all of them are in force
  if (isJson) context.print(printableJson(JSON.stringify({ key: key.text, banned: ban !== undefined, by: ban ?? null })))
  else context.print(ban ? `${key.text} is banned by ${lineOf(ban)}` : `${key.text} is not banned`)
  if (gap !== undefined && !ban) context.tell(warningOf(gap))
}

/** The published bans in force now, and why they may be incomplete. */
export async function currentBans(settings: Settings, context: CliContext): Promise<InForce & { readonly gap: string | undefined }> {
  const { readBans } = await import('./ban-kafka.ts')
  try {
    const { published, eventLogTime } = await readBans(settings, { log: context.log(settings) })
    const inForce = bansInForce(published.bans, { own: SYSTEM_CLOCK.wall(), eventLog: eventLogTime })
    return { ...inForce, gap: incompleteness(topicNames(settings).bans, published) }
  } catch (error) {
    if (error instanceof CommandError) throw error
    const reason = kafkaReason(error, { brokers: settings.kafka_brokers, topics: [topicNames(settings).bans] })
    const advice = `Is there a topic of that name (gossip-bridge topics list), and does kafka_brokers (${settings.kafka_brokers.join(', ')}) lead to the right cluster?`
    throw new CommandError(`The published bans cannot be read: ${reason}. ${advice}`, { cause: error })
  }
}

export function warningOf(gap: string): string {
  return `There may be more bans: ${gap}. A relay with banlist_db fills it within half a minute; without banlist_db it holds what was published since it was created.`
}

function lineOf({ key, until, since, reason }: Ban): string {
  const end = until === null ? 'for good' : `until ${timeText(until)}`
  return `${key} ${end}, since ${timeText(since)}${because(reason)}`
}

/** Anybody who may write commands can choose the reason, so it is shown quoted and without control characters. */
function because(reason: string): string {
  return reason === '' ? '' : `, because ${printableJson(JSON.stringify(reason))}`
}

export function understandable<T>(parse: () => T): T {
  try {
    return parse()
  } catch (error) {
    if (error instanceof BadInputError) throw new CommandError(`Not a ban: ${error.message}.`, { cause: error })
    throw error
  }
}

function parseSpan(text: string): number {
  const result = duration({ min: '1s', unbounded: true }).safeParse(text)
  if (!result.success) throw new InvalidArgumentError('it takes a time span of a second or more, such as 10s, 30m, 24h or 7d.')
  return result.data
}
