import type { Command } from 'commander'
import { settingsDocument } from '../config/printing/document.ts'
import { effectiveSettings, ignoredSentence, laterSentence, remarkSentences } from '../config/printing/effective.ts'
import { importedSettings } from '../config/printing/imported.ts'
import { changeLine, settingChanges } from '../config/reading/changes.ts'
import type { SettingsReading } from '../config/reading/read-settings.ts'
import { type CliContext, CommandError } from './context.ts'

/** On standard error, so that the output stays a file of settings. */
function sayIgnored(reading: SettingsReading, context: CliContext): void {
  for (const sentence of reading.teranode.remarks) context.tell(sentence)
  const ignored = ignoredSentence(reading)
  if (ignored !== undefined) context.tell(ignored)
}

/** `gossip-bridge config check | doc | env | diff | import`: the settings without the service. */
export function addConfigCommand(program: Command, context: CliContext): void {
  const config = program.command('config').description('Check, document or show the settings')

  config
    .command('check')
    .description('Check whether the settings are usable; exit code 78 if they are not')
    .action(async (_options: unknown, command: Command) => {
      const reading = context.readSettings(command)
      const { roles, bridge_id, network } = reading.settings
      if (roles.includes('edge')) await (await import('../app/import-browsers.ts')).importBrowsers()
      context.print(`The settings are fine: bridge ${bridge_id} on ${network}, roles ${roles.join(', ')}.`)
      const later = laterSentence(reading)
      if (later !== undefined) context.print(`Settings ${later}.`)
      for (const sentence of remarkSentences(reading)) context.print(sentence)
    })

  config
    .command('doc')
    .description('Print the table of all settings as Markdown')
    .action(() => context.print(settingsDocument()))

  config
    .command('env')
    .description('Print the settings in effect and where each comes from; secrets are not shown')
    .action((_options: unknown, command: Command) => {
      const reading = context.readSettings(command)
      for (const line of effectiveSettings(reading)) context.print(line)
      sayIgnored(reading, context)
    })

  config
    .command('diff <file>')
    .description('Print what another settings file would change, and whether a reload (SIGHUP) applies it or a restart is needed')
    .action((file: string, _options: unknown, command: Command) => {
      const changes = settingChanges(context.readSettings(command), context.readSettings(command, file))
      for (const change of changes) context.print(changeLine(change))
      if (changes.length === 0) context.tell('Both have the same settings.')
    })

  config
    .command('import')
    .description('Print what --teranode-settings says as a settings file of the bridge; secrets are left out unless asked for')
    .option('--with-secrets', 'write keys and passwords too')
    .action(({ withSecrets = false }: { withSecrets?: boolean }, command: Command) => {
      const reading = context.readSettings(command)
      if (reading.teranode.found.size === 0) {
        throw new CommandError('There is nothing to import: name the settings files of a Teranode with --teranode-settings.')
      }
      context.print(importedSettings(reading, { withSecrets }))
      sayIgnored(reading, context)
    })
}
