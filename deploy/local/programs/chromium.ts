import { access, constants } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { installPackages } from './apt.ts'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome']

/**
 * Finds Chromium for the browser tests: `CHROMIUM_PATH`, else on the PATH. Where it is missing and apt-get can install it,
 * says so and installs Debian's package. Returns the path of the program.
 */
export async function ensureChromium(say: (line: string) => void = console.log): Promise<string> {
  const given = process.env.CHROMIUM_PATH
  if (given) return given
  const found = await findOnPath(NAMES)
  if (found) return found
  await installPackages({ what: 'Chromium', why: 'the browser tests', packages: ['chromium'] }, { say })
  const installed = await findOnPath(NAMES)
  if (!installed) throw new Error('apt-get installed chromium, but it is not on the PATH; set CHROMIUM_PATH to the program')
  return installed
}

async function findOnPath(names: string[]): Promise<string | undefined> {
  for (const name of names) {
    for (const folder of (process.env.PATH ?? '').split(delimiter)) {
      const path = join(folder, name)
      if (folder !== '' && (await isExecutable(path))) return path
    }
  }
  return undefined
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  )
}
