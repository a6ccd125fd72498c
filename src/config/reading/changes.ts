import { isDeepStrictEqual } from 'node:util'
import { shownValue } from '../redact.ts'
import { SETTING_NAMES, SETTINGS, type SettingName, type Settings } from '../settings.ts'
import type { SettingsReading } from './read-settings.ts'

/** A setting that differs between two readings. The texts are for people: secrets are not shown. */
export interface SettingChange {
  readonly name: SettingName
  readonly from: string
  readonly to: string
  /** Whether a running bridge takes it over. Every other one needs a restart. */
  readonly isReloaded: boolean
}

type Read = Pick<SettingsReading, 'settings' | 'found'>

/** What differs. A value that each start makes anew, such as a default `instance_id`, does not. */
export function settingChanges(before: Read, after: Read): SettingChange[] {
  return SETTING_NAMES.filter((name) => isChanged(name, before, after)).map((name) => ({
    name,
    from: shown(name, before),
    to: shown(name, after),
    isReloaded: SETTINGS[name].isReloaded === true,
  }))
}

function isChanged(name: SettingName, before: Read, after: Read): boolean {
  const areDefaults = [before, after].every(({ found }) => found.get(name)?.origin === 'default')
  return !areDefaults && !isDeepStrictEqual(before.settings[name], after.settings[name])
}

function shown(name: SettingName, { found }: Read): string {
  return shownValue(SETTINGS[name], found.get(name)?.value ?? '')
}

/** One line: `log_level: "info" -> "debug" (reload)`. */
export function changeLine({ name, from, to, isReloaded }: SettingChange): string {
  return `${name}: ${from} -> ${to} (${isReloaded ? 'reload' : 'restart'})`
}

/** The settings in effect after a reload: of the new ones, those that a running bridge takes over. */
export function reloadedSettings(running: Settings, read: Settings): Settings {
  const taken = SETTING_NAMES.filter((name) => SETTINGS[name].isReloaded).map((name) => [name, read[name]])
  return { ...running, ...Object.fromEntries(taken) }
}
