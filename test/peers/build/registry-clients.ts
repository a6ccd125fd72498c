import { cp, mkdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { cacheDirectory, makeOnce } from '../../../deploy/local/programs/cache.ts'
import { runCommand } from '../../../deploy/local/programs/command.ts'
import { projectFile } from '../../../deploy/local/programs/local-files.ts'
import { findTool, fingerprint } from '../../../deploy/local/programs/toolchain.ts'
import { go, rust } from '../build-peers.ts'

/** Paths of the clients of the schema registry; those whose tools are missing here are left out, except in CI. */
export interface RegistryClients {
  readonly go?: string
  readonly rust?: string
  /** A program for Node.js. */
  readonly javascript?: string
}

const BUILD_DEADLINE_MS = 900_000

/** The command that builds a client in its folder, and where its program is then. */
const BUILDS: Record<keyof RegistryClients, { tool: { tool: string; usualFolder: string }; args: string[]; program: string }> = {
  go: { tool: go, args: ['build', '-o', 'client', '.'], program: 'client' },
  rust: { tool: rust, args: ['build'], program: 'target/debug/gossip-bridge-registry-client' },
  javascript: {
    tool: { tool: 'npm', usualFolder: '/usr/bin' },
    args: ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--silent'],
    program: 'client.mjs',
  },
}

/** Builds the clients, each once for its sources. */
export async function buildRegistryClients(say: (line: string) => void): Promise<RegistryClients> {
  const clients: Partial<Record<keyof RegistryClients, string>> = {}
  for (const [name, { tool, args, program }] of Object.entries(BUILDS)) {
    const path = findTool(tool)
    if (path === undefined) {
      if (process.env.CI) throw new Error(`${tool.tool} is missing, so the ${name} client of the registry cannot be built: install it`)
      say(`left out: the ${name} client of the registry, because ${tool.tool} is not on this machine`)
      continue
    }
    const sources = projectFile('test/peers/programs/registry', name)
    const folder = join(cacheDirectory(), 'peers', `registry-${name}-${fingerprint([sources])}`)
    await makeOnce(folder, () => build(name, { tool: path, args, sources, folder, say }), { deadlineMs: BUILD_DEADLINE_MS })
    clients[name as keyof RegistryClients] = join(folder, program)
  }
  return clients
}

interface Build {
  readonly tool: string
  readonly args: string[]
  readonly sources: string
  readonly folder: string
  readonly say: (line: string) => void
}

async function build(name: string, { tool, args, sources, folder, say }: Build): Promise<void> {
  const work = `${folder}.partial`
  await rm(work, { recursive: true, force: true })
  await mkdir(dirname(work), { recursive: true })
  await cp(sources, work, { recursive: true })
  say(`building the ${name} client of the registry, once`)
  const { code, stdout, stderr } = await runCommand(tool, args, { cwd: work, timeoutMs: BUILD_DEADLINE_MS })
  if (code !== 0) throw new Error(`the ${name} client of the registry could not be built:\n${stdout}${stderr.slice(-3000)}`)
  await rename(work, folder)
}
