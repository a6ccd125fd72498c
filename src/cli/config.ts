import type { Command } from 'commander'
import { settingsDocument } from '../config/printing/document.ts'
import { effectiveSettings, laterSentence, nearMissSentences } from '../config/printing/effective.ts'
import type { CliContext } from './context.ts'

/** `gossip-bridge config check | doc | env`: the settings without the service. */
export function addConfigCommand(program: Command, context: CliContext): void {
  const config = program.command('config').description('Check, document or show the settings')

  config
    .command('check')
    .description('Check whether the settings are usable; exit code 78 if they are not')
    .action((_options: unknown, command: Command) => {
      const reading = context.readSettings(command)
      const { roles, bridge_id, network } = reading.settings
      context.print(`The settings are fine: bridge ${bridge_id} on ${network}, roles ${roles.join(', ')}.`)
      const later = laterSentence(reading)
      if (later !== undefined) context.print(`Settings ${later}.`)
      for (const sentence of nearMissSentences(reading)) context.print(sentence)
    })

  config
    .command('doc')
    .description('Print the table of all settings as Markdown')
    .action(() => context.print(settingsDocument()))

  config
    .command('env')
    .description('Print the settings in effect and where each comes from; secrets are not shown')
    .action((_options: unknown, command: Command) => {
      for (const line of effectiveSettings(context.readSettings(command))) context.print(line)
    })
}
