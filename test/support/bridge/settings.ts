import { readSettings } from '../../../src/config/reading/read-settings.ts'
import type { Settings } from '../../../src/config/settings.ts'

/** Settings from an environment alone, for tests that need some: what is not named has its default. */
export function settingsOf(environment: Record<string, string> = {}, file?: string): Settings {
  return readingOf({ environment, ...(file === undefined ? {} : { file: { path: 'bridge.yaml', text: file } }) }).settings
}

/** The same with all sources, and files that exist only here. */
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
