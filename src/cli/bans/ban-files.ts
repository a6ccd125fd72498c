import { type Command, Option } from 'commander'
import { isLive } from '../../bans/ban.ts'
import { type BanFileEntry, type BanFileFormat, formatBanFile, parseBanFile } from '../../bans/text/ban-file.ts'
import type { Settings } from '../../config/settings.ts'
import { topicNames } from '../../config/topic-names.ts'
import { SYSTEM_CLOCK } from '../../lifecycle/clock.ts'
import { traceOfEnvironment } from '../../messages/trace-context.ts'
import { parseTimeout } from '../arguments.ts'
import { type CliContext, CommandError } from '../context.ts'
import { kafkaReason } from '../kafka-failure.ts'
import { currentBans, DEFAULT_TIMEOUT_MS, NOTHING, understandable, warningOf } from './bans.ts'

interface ImportFlags {
  readonly reason?: string
  readonly timeout: number
}

/** `gossip-bridge bans import | export`: the ban list from and to files, of Bitcoin Core or plain. */
export function addBanFileCommands(bans: Command, context: CliContext): void {
  bans
    .command('import')
    .description("Ban what a file names: Bitcoin Core's banlist.json, or a plain list; a file with a mistake changes nothing")
    .argument('<file>', 'file, or - for standard input')
    .option('--reason <text>', 'why, for entries without a reason')
    .option('--timeout <time>', 'how long to wait for each entry until a bridge has applied it', parseTimeout, DEFAULT_TIMEOUT_MS)
    .action(async (file: string, flags: ImportFlags, command: Command) => {
      const entries = understandable(() => parseBanFile(readText(file, context), flags.reason))
      await importAll(entries, flags, context.settings(command), context)
    })
  bans
    .command('export')
    .description('Print the bans in force as a file')
    .addOption(new Option('--format <format>', 'form of the file').choices(['plain', 'bitcoin']).default('plain'))
    .action(async ({ format }: { format: BanFileFormat }, command: Command) => {
      const { bans: current, gap, remark } = await currentBans(context.settings(command), context)
      const text = formatBanFile(current, format)
      if (text !== '') context.print(text.trimEnd())
      if (remark !== undefined) context.tell(remark)
      if (gap !== undefined) context.tell(warningOf(gap))
    })
}

function readText(file: string, { host }: CliContext): string {
  try {
    return file === '-' ? host.readInput() : host.readFile(file)
  } catch (cause) {
    const name = file === '-' ? 'Standard input' : `The file ${JSON.stringify(file)}`
    throw new CommandError(`${name} cannot be read (${cause instanceof Error ? cause.message : cause}).`, { cause })
  }
}

/** One entry after the other, so that a failure leaves a beginning of the file in force, and says how much. */
async function importAll(entries: readonly BanFileEntry[], flags: ImportFlags, settings: Settings, context: CliContext): Promise<void> {
  const { readEventLogTime, withBanCommands } = await import('./ban-kafka.ts')
  const now = (await readEventLogTime(settings, { log: context.log(settings) })) ?? SYSTEM_CLOCK.wall()
  const live = entries.filter(({ until }) => isLive({ until: until ?? null }, now))
  let [done, changed] = [0, 0]
  try {
    await withBanCommands(
      settings,
      flags.timeout,
      { log: context.log(settings), trace: traceOfEnvironment(context.host.environment) },
      async (give) => {
        for (const { key, until, reason } of live) {
          const end = { until: until ?? null, permanent: until === null }
          const change = await give({ ...NOTHING, action: 'add', key, ...end, reason })
          done += 1
          if (change.changed) changed += 1
        }
      },
    )
  } catch (cause) {
    const { events, banCommands } = topicNames(settings)
    const about = { brokers: settings.kafka_brokers, topics: [banCommands, events] }
    const reason = cause instanceof CommandError ? cause.message : kafkaReason(cause, about)
    throw new CommandError(`${done} of ${live.length} entries were imported. ${reason}`, { cause })
  }
  const over = entries.length - live.length
  const rest = over === 0 ? '' : ` ${over} had ended.`
  context.print(`${entries.length} entries: ${changed} banned, ${live.length - changed} were in force already.${rest}`)
}
