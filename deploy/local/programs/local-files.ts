import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * The absolute path of a file, given from the top folder of the project. This module runs from `deploy/local` in tests and
 * from `dist/local` in the demo, so it searches for the top folder.
 */
export function projectFile(...path: string[]): string {
  let folder = dirname(fileURLToPath(import.meta.url))
  while (!existsSync(join(folder, 'package.json'))) {
    const above = dirname(folder)
    if (above === folder) throw new Error(`no package.json above ${fileURLToPath(import.meta.url)}; run this inside the project's folder`)
    folder = above
  }
  return join(folder, ...path)
}
