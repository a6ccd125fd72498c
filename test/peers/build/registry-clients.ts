import { buildClient, type ClientBuild } from './build-client.ts'
import { go, rust } from './build-peers.ts'

/** Paths of the clients of the schema registry; those whose tools are missing here are left out, except in CI. */
export interface RegistryClients {
  readonly go?: string
  readonly rust?: string
  /** A program for Node.js. */
  readonly javascript?: string
}

const BUILDS: Record<keyof RegistryClients, Pick<ClientBuild, 'tool' | 'args' | 'program'>> = {
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
  const clients: Record<string, string> = {}
  for (const [name, how] of Object.entries(BUILDS)) {
    const program = await buildClient({ of: 'registry', name, ...how }, say)
    if (program !== undefined) clients[name] = program
  }
  return clients
}
