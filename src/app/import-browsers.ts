import { SettingsError } from '../config/settings-error.ts'
import { type NoWebSockets, whyNoWebSockets } from '../websocket/native.ts'

/**
 * Imported only if browsers are served, because the binary of uWebSockets.js does not load on every system. Rejects with a SettingsError
 * where it does not: no restart helps.
 */
export async function importBrowsers(): Promise<typeof import('./browsers.ts')> {
  try {
    return await import('./browsers.ts')
  } catch (cause) {
    const why = whyNoBrowsers(cause)
    if (why === undefined) throw cause
    throw new SettingsError([{ settings: ['roles'], message: `roles: edge serves browsers, but ${why.reason}; ${why.remedy}` }])
  }
}

/** Why this import failed; undefined if not because of uWebSockets.js. */
export function whyNoBrowsers(cause: unknown): NoWebSockets | undefined {
  return whyNoWebSockets(cause, { nodeVersion: process.version, glibcVersion: glibcVersion() })
}

/** Undefined on a system without glibc. */
export function glibcVersion(): string | undefined {
  const { header } = process.report.getReport() as { header?: { glibcVersionRuntime?: string } }
  return header?.glibcVersionRuntime
}
