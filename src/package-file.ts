import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * The absolute path of a file that belongs to this package, given from its top folder. Modules run from `src` in tests and out of
 * `dist` in the built program, so the top folder is searched for.
 */
export function packageFile(...path: string[]): string {
  let folder = dirname(fileURLToPath(import.meta.url))
  while (!existsSync(join(folder, 'package.json'))) {
    const above = dirname(folder)
    if (above === folder) throw new Error(`no package.json above ${fileURLToPath(import.meta.url)}: install the whole package again`)
    folder = above
  }
  return join(folder, ...path)
}
