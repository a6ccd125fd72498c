import { environmentName, flagName, type Setting } from '../setting.ts'
import { SETTING_GROUPS } from '../settings.ts'

/** The Markdown of all settings, one table for each group; docs/settings.md has exactly this text between its markers. */
export function settingsDocument(): string {
  return SETTING_GROUPS.map(({ title, settings }) => {
    const rows = Object.entries(settings).map(([name, setting]) => row(name, setting))
    return [`### ${title}`, '', '| setting | flag | default | what it is |', '| --- | --- | --- | --- |', ...rows].join('\n')
  }).join('\n\n')
}

function row(name: string, setting: Setting): string {
  const cells = [code(name), code(flagName(name, setting)), defaultText(setting), description(name, setting)]
  return `| ${cells.join(' | ')} |`
}

function description(name: string, setting: Setting): string {
  const example = setting.example === undefined ? [] : [`Example: ${code(setting.example)}.`]
  const secret = setting.secret === undefined ? [] : [`Secret: ${code(`${environmentName(name)}_FILE`)} names a file that holds it.`]
  const status = setting.status === 'later' ? ['Accepted and checked; no effect yet.'] : []
  const reloaded = setting.isReloaded ? ['A reload (SIGHUP) applies it.'] : []
  return [cell(setting.description), ...example, ...secret, ...status, ...reloaded].join(' ')
}

/** The default as text, for help and documentation. */
export function defaultText(setting: Setting): string {
  if (setting.derived !== undefined) return cell(setting.derived)
  return setting.default === '' ? '' : code(setting.default)
}

/** An unescaped `|` ends the table's cell, even in code. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|')
}

function code(text: string): string {
  return `\`${cell(text)}\``
}
