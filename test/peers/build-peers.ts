import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { cp, mkdir, rename, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import { cacheDirectory, makeOnce } from '../../deploy/local/programs/cache.ts'
import { runCommand } from '../../deploy/local/programs/command.ts'
import { projectFile } from '../../deploy/local/programs/local-files.ts'

export const LANGUAGES = ['go', 'rust'] as const
export type Language = (typeof LANGUAGES)[number]

/** The built program of each language; the languages whose tools are missing here are left out. */
export type PeerPrograms = Partial<Record<Language, string>>

const BUILD_DEADLINE_MS = 900_000

interface Toolchain {
  readonly tool: string
  /** Where installers put the tool without changing the PATH. */
  readonly usualFolder: string
  /** Builds the sources in `folder`; the rest of the cache may be used for what is built once for all versions of them. */
  readonly args: (output: string, cache: string) => string[]
  /** The finished program, for a tool that does not put it at `output`. */
  readonly builtAt?: (cache: string) => string
}

const TOOLCHAINS: Record<Language, Toolchain> = {
  go: { tool: 'go', usualFolder: '/usr/local/go/bin', args: (output) => ['build', '-o', output, '.'] },
  rust: {
    tool: 'cargo',
    usualFolder: join(homedir(), '.cargo/bin'),
    args: (_, cache) => ['build', '--target-dir', join(cache, 'rust-target')],
    builtAt: (cache) => join(cache, 'rust-target/debug/gossip-bridge-test-peer'),
  },
}

/**
 * Builds the peers that this machine can build, each once for its sources: the programs are kept in the cache, outside the work
 * tree. A missing tool is said and its peer left out, except in CI, where it is an error.
 */
export async function buildPeers(say: (line: string) => void): Promise<PeerPrograms> {
  const programs: PeerPrograms = {}
  for (const language of LANGUAGES) {
    const tool = findTool(TOOLCHAINS[language])
    if (tool !== undefined) programs[language] = await buildPeer(language, tool, say)
    else if (process.env.CI) throw new Error(`${TOOLCHAINS[language].tool} is missing, so the ${language} peer cannot be built: install it`)
    else say(`left out: all with the ${language} peer, because ${TOOLCHAINS[language].tool} is not on this machine`)
  }
  return programs
}

async function buildPeer(language: Language, tool: string, say: (line: string) => void): Promise<string> {
  const sources = projectFile('test/peers/programs', language)
  const cache = join(cacheDirectory(), 'peers')
  const folder = join(cache, `${language}-${fingerprint(sources)}`)
  const program = join(folder, 'peer')
  await makeOnce(folder, () => build(language, { tool, sources, cache, folder, say }), { deadlineMs: BUILD_DEADLINE_MS })
  return program
}

interface Build {
  readonly tool: string
  readonly sources: string
  readonly cache: string
  readonly folder: string
  readonly say: (line: string) => void
}

async function build(language: Language, { tool, sources, cache, folder, say }: Build): Promise<void> {
  const { args, builtAt } = TOOLCHAINS[language]
  const work = `${folder}.partial`
  await rm(work, { recursive: true, force: true })
  await mkdir(cache, { recursive: true })
  await cp(sources, work, { recursive: true })
  say(`building the ${language} peer; the first time takes minutes`)
  const startedAt = performance.now()
  const output = join(work, 'peer')
  const { code, stdout, stderr } = await runCommand(tool, args(output, cache), { cwd: work, timeoutMs: BUILD_DEADLINE_MS })
  if (code !== 0) throw new Error(`the ${language} peer could not be built:\n${stdout}${stderr.slice(-3000)}`)
  if (builtAt) await cp(builtAt(cache), output)
  await rename(work, folder)
  say(`the ${language} peer is built after ${Math.round((performance.now() - startedAt) / 1000)} s`)
}

function findTool({ tool, usualFolder }: Toolchain): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), usualFolder]
  return folders.map((folder) => join(folder, tool)).find((path) => existsSync(path))
}

function fingerprint(folder: string): string {
  const hash = createHash('sha256')
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  for (const file of files.map((entry) => join(entry.parentPath, entry.name)).sort()) hash.update(readFileSync(file)).update('\0')
  return hash.digest('hex').slice(0, 16)
}
