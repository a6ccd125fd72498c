import type { TestProject } from 'vitest/node'
import { buildPeers, type PeerPrograms } from './build/build-peers.ts'
import { buildGrpcTools, type GrpcTools } from './build/grpc-tools.ts'
import { buildRegistryClients, type RegistryClients } from './build/registry-clients.ts'
import { buildStreamClients, type StreamClients } from './build/stream-clients.ts'

declare module 'vitest' {
  interface ProvidedContext {
    peerPrograms: PeerPrograms
    grpcTools: GrpcTools | null
    registryClients: RegistryClients
    streamClients: StreamClients
  }
}

/** Builds the peers and the clients of gRPC, of the schema registry and of the stream before the tests and provides the paths of their programs. */
export async function setup(project: TestProject): Promise<void> {
  const say = (line: string) => console.log(`test peers: ${line}`)
  project.provide('peerPrograms', await buildPeers(say))
  project.provide('grpcTools', (await buildGrpcTools(say)) ?? null)
  project.provide('registryClients', await buildRegistryClients(say))
  project.provide('streamClients', await buildStreamClients(say))
}
