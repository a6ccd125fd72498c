import type { Metadata, ServerUnaryCall, sendUnaryData, UntypedServiceImplementation } from '@grpc/grpc-js'
import { status } from '@grpc/grpc-js'
import type { RpcService } from '../admin/ports.ts'

type Request = Readonly<Record<string, unknown>>

/** The handlers that the library calls, by method: each passes the call on, and its answer back. */
export function createHandlers(service: RpcService): UntypedServiceImplementation {
  return Object.fromEntries(
    service.methods.map((method) => [
      method,
      (call: ServerUnaryCall<Request, object>, done: sendUnaryData<object>) => void answer(service, method, call, done),
    ]),
  )
}

async function answer(
  service: RpcService,
  method: string,
  call: ServerUnaryCall<Request, object>,
  done: sendUnaryData<object>,
): Promise<void> {
  const { request, metadata } = call
  const given = { key: textOf(metadata, 'x-api-key'), actor: textOf(metadata, 'x-actor') }
  const found = await service.call({ method, request, address: addressOf(call.getPeer()), ...given })
  if ('failure' in found) done({ code: status[found.failure], details: found.message })
  else done(null, found.response)
}

function textOf(metadata: Metadata, name: string): string | undefined {
  const [value] = metadata.get(name)
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** The library writes `address:port`, without brackets for IPv6 too. */
function addressOf(peer: string): string {
  return peer.replace(/:\d+$/, '')
}
