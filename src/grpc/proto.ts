import type { PackageDefinition, ServiceDefinition } from '@grpc/proto-loader'
import { load } from '@grpc/proto-loader'
import { packageFile } from '../package-file.ts'

const FILE = packageFile('schemas', 'proto', 'peer_service.proto')
export const SERVICE = 'p2p_api.PeerService'

/** Names as in the proto, 64-bit numbers as text, and every field present in what is read. */
const OPTIONS = { keepCase: true, longs: String, enums: String, defaults: true, oneofs: true }

/** The peer service as schemas/proto says it. */
export async function loadPeerService(): Promise<{ readonly all: PackageDefinition; readonly service: ServiceDefinition }> {
  const all = await load(FILE, OPTIONS)
  return { all, service: all[SERVICE] as ServiceDefinition }
}
