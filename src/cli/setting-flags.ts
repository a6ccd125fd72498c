import { type Command, Help, Option } from 'commander'
import { defaultText } from '../config/printing/document.ts'
import { environmentName, flagName, type Setting } from '../config/setting.ts'
import { SETTING_GROUPS, SETTINGS, type SettingName } from '../config/settings.ts'

/** The options that every command understands: one for each setting, and the file. */
export function addSettingFlags(program: Command): void {
  program.addOption(new Option('-c, --config <file>', 'YAML file with settings (env GOSSIP_BRIDGE_CONFIG)'))
  program.addOption(
    new Option(
      '--teranode-settings <files>',
      'settings files of the Teranode beside the bridge, such as settings.conf,settings_local.conf (env TERANODE_SETTINGS)',
    ),
  )
  program.addOption(
    new Option('--settings-context <context>', 'context in those files, such as docker.m (env SETTINGS_CONTEXT, default dev)'),
  )
  for (const { title, settings } of SETTING_GROUPS) {
    for (const [name, setting] of Object.entries(settings))
      for (const option of optionsOf(name, setting)) program.addOption(option.helpGroup(`${title}:`))
  }
  const { visibleOptions, prepareContext } = Help.prototype
  let isPrinting = false // commander asks for the options to suggest one of them, too
  program.configureHelp({
    prepareContext(context) {
      isPrinting = true
      prepareContext.call(this, context)
    },
    // The help of the program is about its commands; only `serve --help` has the settings too.
    visibleOptions(command) {
      const all = visibleOptions.call(this, command)
      return command === program && isPrinting ? all.filter(({ long }) => COMMON.includes(long ?? '')) : all
    },
  })
}

/** Help of `serve`: its own options, and all settings. */
export function showSettingFlags(serve: Command, program: Command): void {
  const shown = new Help()
  const isOwn = ({ long }: Option) => long === '--help' || long === '--version'
  serve.configureHelp({
    visibleOptions: (command) => [...shown.visibleOptions(command), ...shown.visibleOptions(program).filter((option) => !isOwn(option))],
  })
}

/** The options that the help of the program itself shows. */
const COMMON = ['--config', '--kafka-brokers', '--version', '--help']

/** The files that are named on the command line. */
export interface TypedFiles {
  readonly file: string | undefined
  /** Files of Teranode, separated by commas. */
  readonly teranode: string | undefined
  readonly context: string | undefined
}

/** The typed flags, by the name of the setting. A secret's file is under `<name>_file`. */
export function typedSettings(command: Command): TypedFiles & { flags: Record<string, string> } {
  const typed: Record<string, unknown> = command.optsWithGlobals()
  const flags: Record<string, string> = {}
  for (const name of Object.keys(SETTINGS) as SettingName[]) {
    const value = typed[new Option(flagName(name, SETTINGS[name])).attributeName()]
    if (value !== undefined) flags[SETTINGS[name].secret === undefined ? name : `${name}_file`] = String(value)
  }
  const text = (value: unknown) => (typeof value === 'string' ? value : undefined)
  return { file: text(typed.config), teranode: text(typed.teranodeSettings), context: text(typed.settingsContext), flags }
}

function optionsOf(name: string, setting: Setting): Option[] {
  const flag = flagName(name, setting)
  if (setting.secret !== undefined) {
    return [
      new Option(
        `${flag} <file>`,
        help(`File that holds: ${setting.description}`, `env ${environmentName(name)} or ${environmentName(name)}_FILE`),
      ),
    ]
  }
  const shown = defaultText(setting).replaceAll('`', '')
  const description = help(setting.description, [`env ${environmentName(name)}`, ...(shown === '' ? [] : [`default ${shown}`])].join(', '))
  if (setting.default !== 'true' && setting.default !== 'false') return [new Option(`${flag} <value>`, description)]
  return [new Option(flag, description), new Option(flag.replace('--', '--no-'), '').hideHelp()]
}

function help(description: string, facts: string): string {
  return `${description.replaceAll('`', '')} (${facts})`
}
