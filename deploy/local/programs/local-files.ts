import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * The path of a file of the project, given from its top folder. This module runs from `deploy/local` in tests and from
 * `dist/local` in the demo, so the top is looked for, not counted.
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
