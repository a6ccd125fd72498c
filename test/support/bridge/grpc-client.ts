import { Client, credentials, Metadata, type ServiceError } from '@grpc/grpc-js'
import { load, type ServiceDefinition } from '@grpc/proto-loader'
import { onEnd } from '../on-end.ts'

const FILE = new URL('../../../schemas/proto/peer_service.proto', import.meta.url).pathname

export interface GrpcOptions {
  readonly key?: string
  /** PEM of the certificate authority: with TLS. */
  readonly ca?: Buffer
}

/** A client of the peer service. Its calls resolve with the response, or with `code` and `details` of the error. */
export async function openGrpcClient(target: string, { key, ca }: GrpcOptions = {}) {
  const all = await load(FILE, { keepCase: true, longs: String, defaults: true })
  const service = all['p2p_api.PeerService'] as ServiceDefinition
  const client = new Client(target, ca ? credentials.createSsl(ca) : credentials.createInsecure())
  onEnd(() => client.close())
  const metadata = new Metadata()
  if (key !== undefined) metadata.set('x-api-key', key)
  return (method: string, request: object = {}): Promise<Record<string, unknown>> => {
    const rpc = service[method]
    if (!rpc) throw new Error(`the proto has no ${method}`)
    return new Promise((resolve) =>
      client.makeUnaryRequest(
        rpc.path,
        rpc.requestSerialize,
        rpc.responseDeserialize,
        request,
        metadata,
        { deadline: Date.now() + 20_000 },
        (error: ServiceError | null, response?: object) => resolve(error ? { code: error.code, details: error.details } : { ...response }),
      ),
    )
  }
}
