import type { Logger } from 'pino'
import { changeLine, reloadedSettings, settingChanges } from '../config/reading/changes.ts'
import type { SettingsReading } from '../config/reading/read-settings.ts'
import type { Settings } from '../config/settings.ts'
import { SettingsError } from '../config/settings-error.ts'
import { Listeners } from '../lifecycle/listeners.ts'
import { CommandError } from './context.ts'

export interface ReloadDeps {
  /** Reads all sources again. Throws SettingsError or CommandError. */
  readonly read: () => SettingsReading
  readonly setLevel: (level: string) => void
  readonly log: Logger
}

/** Settings that change while the bridge runs. */
export interface LiveSettings {
  /** Those in effect now. Ask each time: what a reload takes over is marked in docs/settings.md. */
  readonly current: () => Settings
  /** Calls the listener after each reload that was taken over, also one without a change: files may have changed. Returns the unsubscribe function. */
  readonly onReload: (listener: () => void) => () => void
  /** Reads the settings again and takes over what can change without a restart; unusable ones change nothing. Says what it did. */
  readonly reload: () => void
}

export function createLiveSettings(started: SettingsReading, { read, setLevel, log }: ReloadDeps): LiveSettings {
  let running: Pick<SettingsReading, 'settings' | 'found'> = started
  const reloads = new Listeners()
  return {
    current: () => running.settings,
    onReload: (listener) => reloads.add(listener),
    reload() {
      const next = readOrSay(read, log)
      if (!next) return
      const changes = settingChanges(running, next)
      const [taken, waiting] = [true, false].map((is) => changes.filter(({ isReloaded }) => isReloaded === is))
      const found = new Map(running.found)
      for (const { name } of taken ?? []) {
        const value = next.found.get(name)
        if (value) found.set(name, value)
      }
      const before = running.settings.log_level
      running = { settings: reloadedSettings(running.settings, next.settings), found }
      // Only a change of the setting: a level that SIGUSR2 has set stays otherwise.
      if (running.settings.log_level !== before) setLevel(running.settings.log_level)
      log.warn({ changed: (taken ?? []).map(changeLine) }, 'settings read again')
      if (waiting?.length) log.warn({ changed: waiting.map(changeLine) }, 'these settings have changed and need a restart')
      reloads.emit()
    },
  }
}

function readOrSay(read: () => SettingsReading, log: Logger): SettingsReading | undefined {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof SettingsError || error instanceof CommandError)) throw error
    log.error(`the settings were read again and cannot be used, the old ones stay in effect: ${error.message}`)
    return undefined
  }
}
