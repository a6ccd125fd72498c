import type { SettingsReading } from '../reading/read-settings.ts'
import { shownValue } from '../redact.ts'
import { environmentName } from '../setting.ts'
import { SETTING_NAMES, SETTINGS, type SettingName } from '../settings.ts'

/** The settings in effect as lines of an environment file, each with its origin; secrets are not shown. */
export function effectiveSettings(reading: SettingsReading): string[] {
  return SETTING_NAMES.map((name) => {
    const { value, origin } = reading.found.get(name) ?? { value: '', origin: 'default' }
    const derived = value.length === 0 ? derivedValue(reading, name) : undefined
    const shown = derived ?? (value.length === 0 ? '' : shownValue(SETTINGS[name], value))
    return `${environmentName(name)}=${shown}  # ${derived === undefined ? origin : `default: ${SETTINGS[name].derived}`}`
  })
}

/** The settings that are set although they have no effect yet, as one sentence; undefined when there are none. */
export function laterSentence(reading: SettingsReading): string | undefined {
  if (reading.later.length === 0) return undefined
  return `accepted, but without effect in this version: ${reading.later.join(', ')}`
}

/** A sentence for each variable of the environment that looks like a setting, and is none. */
export function nearMissSentences({ nearMisses }: SettingsReading): string[] {
  return nearMisses.map(({ variable, meant }) => `${variable} in the environment is no setting and has no effect: did you mean ${meant}?`)
}

/** The plain secrets, for the code that keeps them out of the logs. */
export function secretValues({ found }: SettingsReading): string[] {
  return SETTING_NAMES.flatMap((name) => {
    const value = found.get(name)?.value
    if (typeof value !== 'string' || value === '') return []
    if (SETTINGS[name].secret === 'value') return [value]
    if (SETTINGS[name].secret !== 'password' || !URL.canParse(value)) return []
    const { password, searchParams } = new URL(value)
    return [password, searchParams.get('password') ?? ''].flatMap(passwordForms)
  })
}

/** A password with escapes in the URL appears without them elsewhere. */
function passwordForms(password: string): string[] {
  if (password === '') return []
  try {
    return [...new Set([password, decodeURIComponent(password)])]
  } catch {
    return [password]
  }
}

function derivedValue({ settings }: SettingsReading, name: SettingName): string | undefined {
  if (SETTINGS[name].derived === undefined) return undefined
  return JSON.stringify(String(settings[name]))
}
