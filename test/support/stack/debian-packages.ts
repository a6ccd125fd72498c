import { mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { cacheDirectory, makeOnce } from '../../../deploy/local/programs/cache.ts'
import { runCommand } from '../../../deploy/local/programs/command.ts'

const DOWNLOAD_MS = 120_000

/**
 * The folder with the files of Debian packages, without what they depend on. They are unpacked, not installed: no service is started.
 * Kept in the cache under the name of the first one.
 */
export async function unpackedPackages(packages: readonly [string, ...string[]]): Promise<string> {
  const folder = join(cacheDirectory(), packages[0])
  await makeOnce(folder, () => unpack(folder, packages), { deadlineMs: 4 * DOWNLOAD_MS })
  return folder
}

async function unpack(folder: string, packages: readonly string[]): Promise<void> {
  const draft = `${folder}.draft`
  await rm(draft, { recursive: true, force: true })
  await mkdir(draft, { recursive: true })
  const isDownloaded = await tried('apt-get', ['download', '-qq', ...packages], draft)
  if (!isDownloaded) {
    await tried('apt-get', ['update', '-qq'], draft) // its lists may be missing, or older than the packages
    await step('apt-get', ['download', '-qq', ...packages], draft)
  }
  await step('sh', ['-c', 'for package in *.deb; do dpkg-deb -x "$package" . && rm "$package"; done'], draft)
  await rename(draft, folder)
}

async function tried(command: string, args: string[], cwd: string): Promise<boolean> {
  return (await runCommand(command, args, { timeoutMs: DOWNLOAD_MS, cwd })).code === 0
}

async function step(command: string, args: string[], cwd: string): Promise<void> {
  const { code, stderr } = await runCommand(command, args, { timeoutMs: DOWNLOAD_MS, cwd })
  const words = [command, ...args].join(' ')
  if (code !== 0) throw new Error(`This test needs packages of Debian, and \`${words}\` failed:\n${stderr.slice(-1000)}`)
}
