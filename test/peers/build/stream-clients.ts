import { buildClient, type ClientBuild } from './build-client.ts'
import { go, rust } from './build-peers.ts'

export const STREAM_CLIENTS = ['go', 'python', 'java', 'rust'] as const

/** Paths of the clients of the WebSocket; those whose tools are missing here are left out, except in CI. */
export type StreamClients = Partial<Record<(typeof STREAM_CLIENTS)[number], string>>

const BUILDS: Record<(typeof STREAM_CLIENTS)[number], Pick<ClientBuild, 'tool' | 'args' | 'program'>> = {
  go: { tool: go, args: ['build', '-o', 'client', '.'], program: 'client' },
  python: { tool: { tool: 'python3', usualFolder: '/usr/bin' }, args: ['build.py', 'client'], program: 'client' },
  java: { tool: { tool: 'mvn', usualFolder: '/usr/bin' }, args: ['--quiet', '--batch-mode', 'compile'], program: 'client' },
  rust: { tool: rust, args: ['build'], program: 'target/debug/gossip-bridge-stream-client' },
}

/** Builds the clients, each once for its sources. */
export async function buildStreamClients(say: (line: string) => void): Promise<StreamClients> {
  const clients: StreamClients = {}
  for (const name of STREAM_CLIENTS) {
    const program = await buildClient({ of: 'stream', name, ...BUILDS[name] }, say)
    if (program !== undefined) clients[name] = program
  }
  return clients
}
