import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

/** The folder for downloads, kept between runs outside the work tree: `$XDG_CACHE_HOME/gossip-bridge`, else `~/.cache/gossip-bridge`. */
export function cacheDirectory(): string {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'gossip-bridge')
}

/** Whether the path exists. */
export async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}

/**
 * Creates an entry of the cache once, however many processes ask for it at the same time: the others wait for the one that
 * creates it. `make` must rename the finished entry into place, so that a crash half-way leaves nothing that looks finished.
 */
export async function makeOnce(path: string, make: () => Promise<void>, options: { deadlineMs: number }): Promise<void> {
  if (await exists(path)) return
  await mkdir(dirname(path), { recursive: true })
  const lock = `${path}.lock`
  const until = Date.now() + options.deadlineMs
  while (!(await takeLock(lock))) {
    if (Date.now() > until)
      throw new Error(`${lock} has been held by another process for ${options.deadlineMs / 1000} s; end that process, or delete the file`)
    await pause(200)
  }
  try {
    if (!(await exists(path))) await make()
  } finally {
    await rm(lock, { force: true })
  }
}

async function takeLock(lock: string): Promise<boolean> {
  try {
    await writeFile(lock, `${process.pid}`, { flag: 'wx' })
    return true
  } catch {
    const holder = Number(await readFile(lock, 'utf8').catch(() => ''))
    if (holder > 0 && !isAlive(holder)) await rm(lock, { force: true })
    return false
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
