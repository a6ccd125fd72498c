import { cp, mkdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { cacheDirectory, makeOnce } from '../../../deploy/local/programs/cache.ts'
import { runCommand } from '../../../deploy/local/programs/command.ts'
import { projectFile } from '../../../deploy/local/programs/local-files.ts'
import { findTool, fingerprint } from '../../../deploy/local/programs/toolchain.ts'
import { go } from './build-peers.ts'

export const BUILD_DEADLINE_MS = 900_000

/** Go, or undefined where there is none; in CI it has to be there. `why`: what cannot be tested without it. */
export function findGo(why: string): string | undefined {
  const tool = findTool(go)
  if (tool === undefined && process.env.CI) throw new Error(`go is missing, so ${why}: install it`)
  return tool
}

/** The path of the program in the folder of that name under test/peers/programs, built once for its sources. */
export async function goProgram(tool: string, name: string): Promise<string> {
  const sources = projectFile('test/peers/programs', name)
  const folder = join(cacheDirectory(), 'peers', `go-${name}-${fingerprint([sources])}`)
  await makeOnce(folder, () => build({ tool, name, sources, folder }), { deadlineMs: BUILD_DEADLINE_MS })
  return join(folder, 'program')
}

interface Build {
  readonly tool: string
  readonly name: string
  readonly sources: string
  readonly folder: string
}

async function build({ tool, name, sources, folder }: Build): Promise<void> {
  const work = `${folder}.partial`
  await rm(work, { recursive: true, force: true })
  await mkdir(dirname(work), { recursive: true })
  await cp(sources, work, { recursive: true })
  const { code, stderr } = await runCommand(tool, ['build', '-o', 'program', '.'], { cwd: work, timeoutMs: BUILD_DEADLINE_MS })
  if (code !== 0) throw new Error(`the program ${name} could not be built:\n${stderr.slice(-3000)}`)
  await rename(work, folder)
}
