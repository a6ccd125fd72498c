import { parseUrl } from '../../addresses/url.ts'
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

/** Everything that an operator should know of the settings although they are usable, a sentence each. */
export function remarkSentences({ nearMisses, links, teranode }: Pick<SettingsReading, 'nearMisses' | 'links' | 'teranode'>): string[] {
  const misses = nearMisses.map(
    ({ variable, meant }) => `${variable} in the environment is no setting and has no effect: did you mean ${meant}?`,
  )
  const linked = links.map(
    (variable) =>
      `${variable} in the environment is Kubernetes’ link to a service, and no setting: give the pod enableServiceLinks: false to be rid of it`,
  )
  return [...misses, ...linked, ...teranode.remarks]
}

/** The keys of Teranode's files that say nothing to the bridge, as one sentence; undefined when there are none. */
export function ignoredSentence({ teranode: { ignored } }: SettingsReading): string | undefined {
  return ignored.length === 0 ? undefined : `Of Teranode's settings, ${ignored.length} are not for the bridge: ${ignored.join(', ')}.`
}

/** The plain secrets, for the code that keeps them out of the logs. */
export function secretValues({ found }: SettingsReading): string[] {
  return SETTING_NAMES.flatMap((name) => {
    const value = found.get(name)?.value
    if (typeof value !== 'string' || value === '') return []
    if (SETTINGS[name].secret === 'value') return [value]
    const url = SETTINGS[name].secret === 'password' ? parseUrl(value) : undefined
    if (!url) return []
    const { password, searchParams } = url
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
