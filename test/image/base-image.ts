import { cp, mkdir, readdir, readFile, rename, rm, symlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { cacheDirectory, exists, makeOnce } from '../../deploy/local/programs/cache.ts'
import { type CommandResult, runCommand } from '../../deploy/local/programs/command.ts'

const DEBIAN = 'trixie'
const DEADLINE_MS = 900_000

/**
 * A stand-in for the official image that the Dockerfile begins with, since no image registry is needed for it: Debian from its own
 * archive, Node.js from npm's package `node`, and this machine's npm. Made once for each version of Node.js. Returns the path of a tar file.
 */
export async function makeBaseImage(nodeVersion: string, say: (line: string) => void): Promise<string> {
  const archive = join(cacheDirectory(), `image-base-${DEBIAN}-node-${nodeVersion}.tar`)
  await makeOnce(archive, () => make(archive, nodeVersion, say), { deadlineMs: DEADLINE_MS })
  return archive
}

async function make(archive: string, nodeVersion: string, say: (line: string) => void): Promise<void> {
  const root = `${archive}.root`
  try {
    await rm(root, { recursive: true, force: true })
    say(`installing Debian ${DEBIAN} and Node.js ${nodeVersion} into a folder (once, some minutes)`)
    await succeeded('debootstrap', ['--variant=minbase', '--include=ca-certificates', DEBIAN, root, await debianMirror()])
    await installNode(root, nodeVersion)
    await succeeded('chroot', [root, 'useradd', '--create-home', '--uid', '1000', 'node'])
    await rm(join(root, 'var/cache/apt/archives'), { recursive: true, force: true })
    await rm(join(root, 'var/lib/apt/lists'), { recursive: true, force: true })
    await succeeded('tar', ['-C', root, '-cf', `${archive}.partial`, '.'])
    await rename(`${archive}.partial`, archive)
  } finally {
    await rm(root, { recursive: true, force: true })
  }
}

async function installNode(root: string, version: string): Promise<void> {
  const ask = ['exec', '--yes', `--package=node@${version}`, '--', 'node', '-p', 'process.execPath']
  const node = (await succeeded('npm', ask)).stdout.trim().split('\n').at(-1) ?? ''
  const npm = join((await succeeded('npm', ['root', '--global'])).stdout.trim(), 'npm')
  const local = join(root, 'usr/local')
  await cp(node, join(local, 'bin/node'))
  await mkdir(join(local, 'lib/node_modules'), { recursive: true })
  await cp(npm, join(local, 'lib/node_modules/npm'), { recursive: true })
  await symlink('../lib/node_modules/npm/bin/npm-cli.js', join(local, 'bin/npm'))
  // Where this machine gets packages from, and whom it trusts for that. They stay in this image, which is only for tests.
  await copyIfThere((await succeeded('npm', ['config', 'get', 'globalconfig'])).stdout.trim(), join(local, 'etc/npmrc'))
  await copyIfThere((await succeeded('npm', ['config', 'get', 'userconfig'])).stdout.trim(), join(root, 'root/.npmrc'))
  await copyIfThere('/etc/ssl/certs/ca-certificates.crt', join(root, 'etc/ssl/certs/ca-certificates.crt'))
}

async function copyIfThere(from: string, to: string): Promise<void> {
  if (!(await exists(from))) return
  await mkdir(dirname(to), { recursive: true })
  await cp(from, to)
}

/** The archive that this machine's apt uses. */
async function debianMirror(): Promise<string> {
  const folder = '/etc/apt/sources.list.d'
  const files = (await readdir(folder)).map((name) => join(folder, name))
  const texts = await Promise.all([...files, '/etc/apt/sources.list'].map((file) => readFile(file, 'utf8').catch(() => '')))
  const lines = texts.join('\n').split('\n')
  const addresses = lines.flatMap((line) => /^(?:URIs:|deb )\s*(?:\[[^\]]*\]\s*)?(https?:\/\/\S+)/.exec(line)?.[1] ?? [])
  const mirror = addresses.find((address) => !address.includes('security'))
  if (mirror === undefined) throw new Error("no Debian archive in apt's sources, from which the image's base could be installed")
  return mirror
}

/** Rejects with what the command said. */
export async function succeeded(command: string, args: string[], timeoutMs = DEADLINE_MS): Promise<CommandResult> {
  const result = await runCommand(command, args, { timeoutMs })
  if (result.code !== 0) throw new Error(`${command} ${args[0]} failed:\n${result.stdout.slice(-2000)}${result.stderr.slice(-2000)}`)
  return result
}
