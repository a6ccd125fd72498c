import { Command, CommanderError } from 'commander'
import { SettingsError } from '../config/settings-error.ts'
import { addAdaptCommand } from './adapt/adapt.ts'
import { addBanFileCommands } from './bans/ban-files.ts'
import { addBansCommand } from './bans/bans.ts'
import { addConfigCommand } from './config.ts'
import { type CliContext, CommandError, type ProcessPort } from './context.ts'
import { createContext } from './create-context.ts'
import { addDeadLettersCommand } from './dead-letters/dead-letters.ts'
import { addDoctorCommand } from './doctor/doctor.ts'
import { addIdentitiesCommand } from './identities/identities.ts'
import { addKeygenCommand } from './keygen.ts'
import { addMigrateCommand } from './migrate.ts'
import { addPeersCommand } from './peers/peers.ts'
import { addServeCommand } from './serve.ts'
import { addSettingFlags } from './setting-flags.ts'
import { addSimulateCommand } from './simulate.ts'
import { addTailCommand } from './tail/tail.ts'
import { addTopicsCommand } from './topics/topics.ts'
import { packageVersion } from './version.ts'

/** Runs one command line and resolves with its exit code: 0, 1, or 78 for unusable settings. Never rejects. */
export async function runProgram(words: readonly string[], host: ProcessPort): Promise<number> {
  const context = createContext(host)
  try {
    await createProgram(context).parseAsync([...words], { from: 'user' })
    return context.exitCode()
  } catch (error) {
    return report(error, context)
  }
}

function createProgram(context: CliContext): Command {
  const program = new Command('gossip-bridge')
    .description('A bridge between a Kafka cluster and the GossipSub network of a blockchain.')
    .version(packageVersion())
    .exitOverride()
    .configureOutput({ writeOut: (text) => context.host.stdout.write(text), writeErr: (text) => context.host.stderr.write(text) })
    .showSuggestionAfterError()
    .addHelpText('afterAll', HELP_FOOTER)
  addSettingFlags(program)
  addServeCommand(program, context)
  addConfigCommand(program, context)
  addDoctorCommand(program, context)
  addAdaptCommand(program, context)
  addTopicsCommand(program, context)
  addTailCommand(program, context)
  addBanFileCommands(addBansCommand(program, context), context)
  addPeersCommand(program, context)
  addDeadLettersCommand(program, context)
  addIdentitiesCommand(program, context)
  addMigrateCommand(program, context)
  addKeygenCommand(program, context)
  addSimulateCommand(program, context)
  return program
}

const HELP_FOOTER = `
Kafka is reached by KAFKA_BROKERS or --kafka-brokers (default localhost:9092), with kafka_ssl_* and kafka_sasl_* where it asks for them.
Every setting is a flag, an environment variable and a line of the file of --config, in this order: \`gossip-bridge config doc\` has them all.
Lists are separated by "|" or ",". A secret is read from the environment or from a file, never from the command line.`

/** Commander has already printed its own errors. An error of the program itself is shown with its stack. */
function report(error: unknown, context: CliContext): number {
  if (error instanceof CommanderError) return error.exitCode
  if (error instanceof SettingsError) {
    context.tell(error.message)
    return error.exitCode
  }
  context.tell(error instanceof CommandError ? error.message : String(error instanceof Error ? (error.stack ?? error.message) : error))
  return 1
}
