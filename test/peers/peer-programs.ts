import type { TestProject } from 'vitest/node'
import { buildPeers, type PeerPrograms } from './build-peers.ts'

declare module 'vitest' {
  interface ProvidedContext {
    peerPrograms: PeerPrograms
  }
}

/** Builds the peers before the tests and provides the paths of their programs. */
export async function setup(project: TestProject): Promise<void> {
  project.provide('peerPrograms', await buildPeers((line) => console.log(`test peers: ${line}`)))
}
