import { cp, mkdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { cacheDirectory, makeOnce } from '../../../deploy/local/programs/cache.ts'
import { runCommand } from '../../../deploy/local/programs/command.ts'
import { projectFile } from '../../../deploy/local/programs/local-files.ts'
import { findTool, fingerprint, type Tool } from '../../../deploy/local/programs/toolchain.ts'

/** How a client program in `programs/<of>/<name>` is built. */
export interface ClientBuild {
  /** What it is a client of: a folder of `programs`. */
  readonly of: string
  readonly name: string
  readonly tool: Pick<Tool, 'tool' | 'usualFolder'>
  /** The command that builds it in its folder, and where its program is then. */
  readonly args: readonly string[]
  readonly program: string
}

const BUILD_DEADLINE_MS = 900_000

/** Builds a client once for its sources. Undefined if its tool is missing here, which is an error in CI. */
export async function buildClient(
  { of, name, tool, args, program }: ClientBuild,
  say: (line: string) => void,
): Promise<string | undefined> {
  const path = findTool(tool)
  if (path === undefined) {
    if (process.env.CI) throw new Error(`${tool.tool} is missing, so the ${name} client of the ${of} cannot be built: install it`)
    say(`left out: the ${name} client of the ${of}, because ${tool.tool} is not on this machine`)
    return undefined
  }
  const sources = projectFile('test/peers/programs', of, name)
  const folder = join(cacheDirectory(), 'peers', `${of}-${name}-${fingerprint([sources])}`)
  await makeOnce(folder, () => build({ about: `the ${name} client of the ${of}`, tool: path, args, sources, folder, say }), {
    deadlineMs: BUILD_DEADLINE_MS,
  })
  return join(folder, program)
}

interface Build {
  readonly about: string
  readonly tool: string
  readonly args: readonly string[]
  readonly sources: string
  readonly folder: string
  readonly say: (line: string) => void
}

async function build({ about, tool, args, sources, folder, say }: Build): Promise<void> {
  const work = `${folder}.partial`
  await rm(work, { recursive: true, force: true })
  await mkdir(dirname(work), { recursive: true })
  await cp(sources, work, { recursive: true })
  say(`building ${about}, once`)
  const { code, stdout, stderr } = await runCommand(tool, [...args], { cwd: work, timeoutMs: BUILD_DEADLINE_MS })
  if (code !== 0) throw new Error(`${about} could not be built:\n${stdout}${stderr.slice(-3000)}`)
  await rename(work, folder)
}
