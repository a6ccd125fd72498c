import { cp, mkdir, rename, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { cacheDirectory, makeOnce } from '../../../deploy/local/programs/cache.ts'
import { runCommand } from '../../../deploy/local/programs/command.ts'
import { projectFile } from '../../../deploy/local/programs/local-files.ts'
import { findTool, fingerprint, GO, type Tool } from '../../../deploy/local/programs/toolchain.ts'

/** `go`, `rust` and `python`: the newest libraries. `teranode`: the Go peer with the versions that today's Teranode uses. */
export const PEER_KINDS = ['go', 'teranode', 'rust', 'python'] as const
export type PeerKind = (typeof PEER_KINDS)[number]

/** The built program of each kind; the kinds whose tools are missing here are left out. */
export type PeerPrograms = Partial<Record<PeerKind, string>>

const BUILD_DEADLINE_MS = 900_000

interface Toolchain extends Tool {
  /** Folders of `programs`; files of the later ones replace those of the earlier ones. */
  readonly sources: readonly string[]
  /** Builds the sources in `folder`; the rest of the cache may be used for what is built once for all versions of them. */
  readonly args: (output: string, cache: string) => string[]
  /** The finished program, for a tool that does not put it at `output`. */
  readonly builtAt?: (cache: string) => string
}

export const go: Omit<Toolchain, 'sources'> = {
  ...GO,
  args: (output) => ['build', '-o', output, '.'],
}

export const rust: Omit<Toolchain, 'sources'> = {
  tool: 'cargo',
  usualFolder: join(homedir(), '.cargo/bin'),
  args: (_, cache) => ['build', '--target-dir', join(cache, 'rust-target')],
  builtAt: (cache) => join(cache, 'rust-target/debug/gossip-bridge-test-peer'),
}

const TOOLCHAINS: Record<PeerKind, Toolchain> = {
  go: { ...go, sources: ['go'] },
  teranode: { ...go, sources: ['go', 'teranode'] },
  rust: { ...rust, sources: ['rust'] },
  python: { tool: 'python3', sources: ['python'], usualFolder: '/usr/bin', args: (output) => ['build.py', output] },
}

/**
 * Builds the peers that this machine can build, each once for its sources: the programs are kept in the cache, outside the work
 * tree. A missing tool is said and its peer left out, except in CI, where it is an error.
 */
export async function buildPeers(say: (line: string) => void): Promise<PeerPrograms> {
  const programs: PeerPrograms = {}
  for (const kind of PEER_KINDS) {
    const tool = findTool(TOOLCHAINS[kind])
    if (tool !== undefined) programs[kind] = await buildPeer(kind, tool, say)
    else if (process.env.CI) throw new Error(`${TOOLCHAINS[kind].tool} is missing, so the ${kind} peer cannot be built: install it`)
    else say(`left out: all with the ${kind} peer, because ${TOOLCHAINS[kind].tool} is not on this machine`)
  }
  return programs
}

async function buildPeer(kind: PeerKind, tool: string, say: (line: string) => void): Promise<string> {
  const sources = TOOLCHAINS[kind].sources.map((name) => projectFile('test/peers/programs', name))
  const cache = join(cacheDirectory(), 'peers')
  const folder = join(cache, `${kind}-${fingerprint(sources)}`)
  const program = join(folder, 'peer')
  await makeOnce(folder, () => build(kind, { tool, sources, cache, folder, say }), { deadlineMs: BUILD_DEADLINE_MS })
  return program
}

interface Build {
  readonly tool: string
  readonly sources: readonly string[]
  readonly cache: string
  readonly folder: string
  readonly say: (line: string) => void
}

async function build(kind: PeerKind, { tool, sources, cache, folder, say }: Build): Promise<void> {
  const { args, builtAt } = TOOLCHAINS[kind]
  const work = `${folder}.partial`
  await rm(work, { recursive: true, force: true })
  await mkdir(cache, { recursive: true })
  for (const source of sources) await cp(source, work, { recursive: true })
  say(`building the ${kind} peer; the first time takes minutes`)
  const startedAt = performance.now()
  const output = join(work, 'peer')
  const { code, stdout, stderr } = await runCommand(tool, args(output, cache), { cwd: work, timeoutMs: BUILD_DEADLINE_MS })
  if (code !== 0) throw new Error(`the ${kind} peer could not be built:\n${stdout}${stderr.slice(-3000)}`)
  if (builtAt) await cp(builtAt(cache), output)
  await rename(work, folder)
  say(`the ${kind} peer is built after ${Math.round((performance.now() - startedAt) / 1000)} s`)
}
