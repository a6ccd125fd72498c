import { installPackages } from './apt.ts'
import { findTool } from './toolchain.ts'

/** Finds Firefox: `FIREFOX_PATH`, else Debian's on the PATH. Where it is missing and apt-get can install it, says so and installs it. */
export async function ensureFirefox(say: (line: string) => void = console.log): Promise<string> {
  const find = () => process.env.FIREFOX_PATH ?? findTool({ tool: 'firefox-esr', usualFolder: '/usr/bin' })
  const found = find()
  if (found) return found
  await installPackages({ what: 'Firefox', why: 'the test of the page in it', packages: ['firefox-esr'] }, { say })
  const installed = find()
  if (!installed) throw new Error('apt-get installed firefox-esr, but it is not on the PATH; set FIREFOX_PATH to the program')
  return installed
}
