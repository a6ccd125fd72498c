import { stringify } from 'yaml'
import type { SettingsReading } from '../reading/read-settings.ts'
import { SETTING_NAMES, SETTINGS } from '../settings.ts'

/** What Teranode's files say, as the text of a file for `--config`: each value behind the place that it comes from. */
export function importedSettings({ teranode }: SettingsReading, { withSecrets }: { withSecrets: boolean }): string {
  return SETTING_NAMES.flatMap((name) => {
    const found = teranode.found.get(name)
    if (!found) return []
    const origin = `# ${found.origin.replace(/[^\x20-\x7e]/g, '?')}`
    if (SETTINGS[name].secret !== undefined && !withSecrets) return [`${origin}, a secret: see --with-secrets\n# ${name}:`]
    return [
      `${origin}\n${stringify({ [name]: found.value }, { lineWidth: 0, defaultStringType: 'QUOTE_DOUBLE', defaultKeyType: 'PLAIN' }).trimEnd()}`,
    ]
  }).join('\n')
}
