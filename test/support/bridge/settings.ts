import { readSettings } from '../../../src/config/reading/read-settings.ts'
import type { Settings } from '../../../src/config/settings.ts'

/** Settings from an environment alone; all others have their defaults. */
export function settingsOf(environment: Record<string, string> = {}, file?: string): Settings {
  return readingOf({ environment, ...(file === undefined ? {} : { file: { path: 'bridge.yaml', text: file } }) }).settings
}

/** Reads settings from all sources, with files that exist only in the test. */
export function readingOf(sources: Parameters<typeof readSettings>[0], files: Record<string, string> = {}) {
  return readSettings(sources, {
    generateId: () => 'generated-id',
    readFile: (path) => {
      const text = files[path]
      if (text === undefined) throw new Error(`ENOENT ${path}`)
      return text
    },
  })
}
