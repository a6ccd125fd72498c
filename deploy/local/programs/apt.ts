import { readFileSync } from 'node:fs'
import { runCommand } from './command.ts'

export interface Wanted {
  /** The missing programs, for the message: "Java 17 or newer and Maven". */
  what: string
  /** Their purpose: "the local Kafka". */
  why: string
  /** Debian's names. Where releases differ, alternatives in one entry: `openjdk-17-jre-headless|openjdk-21-jre-headless`. */
  packages: string[]
}

const UPDATE_DEADLINE_MS = 120_000
const INSTALL_DEADLINE_MS = 420_000

/** Whether this is Debian or Ubuntu, and we may install packages. */
export function canInstall(): boolean {
  return isDebianLike(osRelease()) && process.getuid?.() === 0
}

/** Installs Debian packages as root, and says so. Elsewhere it rejects with the command to type. */
export async function installPackages(wanted: Wanted, deps: { say: (line: string) => void }): Promise<void> {
  if (!canInstall()) {
    const isDebian = isDebianLike(osRelease())
    throw new Error(missingSentence(wanted, isDebian ? await choose(wanted.packages) : undefined))
  }
  deps.say(`${wanted.what} is missing and needed for ${wanted.why}: installing with apt-get`)
  const env = { DEBIAN_FRONTEND: 'noninteractive' }
  const update = await runCommand('apt-get', ['update', '-qq'], { timeoutMs: UPDATE_DEADLINE_MS, env })
  const names = await choose(wanted.packages)
  const options = { timeoutMs: INSTALL_DEADLINE_MS, env }
  const install = await runCommand('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...names], options)
  if (install.code === 0) return
  const said = `${update.code === 0 ? '' : update.stderr.slice(-500)}${install.stderr.slice(-1000)}`
  throw new Error(
    `apt-get could not install ${names.join(' ')} for ${wanted.why}; type \`apt-get update && apt-get install ${names.join(' ')}\` and see what it says\n${said}`,
  )
}

/** The one sentence with the command to type. `names` are Debian's packages, undefined on another system. */
export function missingSentence(wanted: Wanted, names: string[] | undefined): string {
  const how = names ? `type \`sudo apt-get install -y ${names.join(' ')}\`` : 'install it with your package manager'
  return `${wanted.what} is missing and needed for ${wanted.why}: ${how}, then run this again.`
}

/** For each entry the first alternative that this release has, or the first one if it has none. */
async function choose(packages: string[]): Promise<string[]> {
  return Promise.all(
    packages.map(async (entry) => {
      const alternatives = entry.split('|')
      for (const name of alternatives) if ((await runCommand('apt-cache', ['show', name], { timeoutMs: 20_000 })).code === 0) return name
      return alternatives[0] ?? entry
    }),
  )
}

/** Whether an os-release file is that of Debian, Ubuntu or a system that declares itself like them. */
export function isDebianLike(release: string): boolean {
  return /^ID(_LIKE)?=.*\b(debian|ubuntu)\b/m.test(release)
}

function osRelease(): string {
  try {
    return readFileSync('/etc/os-release', 'utf8')
  } catch {
    return ''
  }
}
