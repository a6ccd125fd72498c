import { readFileSync } from 'node:fs'
import { runCommand } from './command.ts'

export interface Wanted {
  /** What is missing, for the message: "Java 17 or newer and Maven". */
  what: string
  /** What it is needed for: "the local Kafka". */
  why: string
  /** Debian's names. */
  packages: string[]
}

const UPDATE_DEADLINE_MS = 120_000
const INSTALL_DEADLINE_MS = 420_000

/** Whether this is Debian or Ubuntu, and we may install packages. */
export function canInstall(): boolean {
  return isDebianLike(osRelease()) && process.getuid?.() === 0
}

/** Installs Debian packages as root, saying so; anywhere else it rejects with the one sentence that helps. */
export async function installPackages(wanted: Wanted, deps: { say: (line: string) => void }): Promise<void> {
  const names = wanted.packages.join(' ')
  if (!canInstall()) throw new Error(missingSentence(wanted, isDebianLike(osRelease())))
  deps.say(`${wanted.what} is missing and needed for ${wanted.why}: installing ${names} with apt-get`)
  const env = { DEBIAN_FRONTEND: 'noninteractive' }
  const update = await runCommand('apt-get', ['update', '-qq'], { timeoutMs: UPDATE_DEADLINE_MS, env })
  const install = await runCommand('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...wanted.packages], {
    timeoutMs: INSTALL_DEADLINE_MS,
    env,
  })
  if (install.code === 0) return
  throw new Error(
    `apt-get could not install ${names} for ${wanted.why}; run \`apt-get update && apt-get install ${names}\` and see what it says\n${(update.code === 0 ? '' : update.stderr).slice(-500)}${install.stderr.slice(-1000)}`,
  )
}

/** The one sentence with the command to type. */
export function missingSentence(wanted: Wanted, isDebian: boolean): string {
  const names = wanted.packages.join(' ')
  const how = isDebian ? `sudo apt-get install -y ${names}` : `your system's package installer, for what Debian calls ${names}`
  return `${wanted.what} is missing and needed for ${wanted.why}: install it with ${isDebian ? `\`${how}\`` : how}.`
}

/** Whether an os-release file is that of Debian, Ubuntu, or one that says it is like them. */
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
