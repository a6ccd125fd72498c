import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client, credentials, Metadata, type MethodDefinition, type ServiceError } from '@grpc/grpc-js'
import { load } from '@grpc/proto-loader'
import { pino } from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import type { RpcAnswer, RpcCall } from '../../../src/admin/ports.ts'
import { GrpcServer, type GrpcServerOptions } from '../../../src/grpc/grpc-server.ts'
import { loadPeerService } from '../../../src/grpc/proto.ts'
import { SYSTEM_CLOCK } from '../../../src/lifecycle/clock.ts'
import { Health } from '../../../src/lifecycle/health.ts'
import { eventually } from '../../support/eventually.ts'

const LOOPBACK = { host: '127.0.0.1', port: 0 }
const { service: definition } = await loadPeerService()

/** A server on a free loopback port whose calls are answered by `answer`. */
async function startServer(answer: (call: RpcCall) => Promise<RpcAnswer>, options: Partial<GrpcServerOptions> = {}) {
  const calls: RpcCall[] = []
  const service = {
    methods: Object.keys(definition),
    call: (call: RpcCall) => {
      calls.push(call)
      return answer(call)
    },
  }
  const health = new Health({ clock: SYSTEM_CLOCK })
  const server = new GrpcServer(
    { address: LOOPBACK, tls: null, ...options },
    { service, log: pino({ level: 'silent' }), health: health.part('grpc') },
  )
  await server.start()
  onTestFinished(() => server.stop())
  return { server, calls, health, target: `127.0.0.1:${server.port()}` }
}

function openClient(target: string, ca?: Buffer): Client {
  const client = new Client(target, ca ? credentials.createSsl(ca) : credentials.createInsecure(), { 'grpc.enable_channelz': 0 })
  onTestFinished(() => client.close())
  return client
}

/** Resolves with the response, or with `code` and `details` of the error. */
function ask(client: Client, method: string, request: object, metadata: Record<string, string> = {}): Promise<Record<string, unknown>> {
  const rpc = definition[method]
  if (!rpc) throw new Error(`no ${method}`)
  const { path, requestSerialize, responseDeserialize } = rpc
  const sent = Object.entries(metadata).reduce((all, [name, value]) => {
    all.set(name, value)
    return all
  }, new Metadata())
  return new Promise((resolve) =>
    client.makeUnaryRequest(path, requestSerialize, responseDeserialize, request, sent, (error: ServiceError | null, response?: object) =>
      resolve(error ? { code: error.code, details: error.details } : { ...response }),
    ),
  )
}

test('a call arrives with its fields, key, name and address, and its answer goes back', async () => {
  const { calls, target, health } = await startServer(async () => ({
    response: { peers: [{ id: 'a', bytes_received: '18446744073709551615' }] },
  }))
  const client = openClient(target)
  const answer = await ask(client, 'GetPeerRegistry', {}, { 'x-api-key': 'secret', 'x-actor': 'me' })
  expect(answer).toMatchObject({ peers: [{ id: 'a', bytes_received: '18446744073709551615', height: 0, is_banned: false }] })
  await ask(client, 'BanPeer', { addr: '10.0.0.0/8', until: '9223372036854775807' })
  await ask(client, 'ReportValidatedChainProgress', { peer_id: 'p', height: 7, chain_work: Buffer.from([1, 2]) })
  expect(calls).toEqual([
    { method: 'GetPeerRegistry', request: {}, address: '127.0.0.1', key: 'secret', actor: 'me' },
    {
      method: 'BanPeer',
      request: { addr: '10.0.0.0/8', until: '9223372036854775807' },
      address: '127.0.0.1',
      key: undefined,
      actor: undefined,
    },
    expect.objectContaining({ request: { peer_id: 'p', height: 7, block_hash: '', chain_work: Buffer.from([1, 2]) } }),
  ])
  expect(health.report().parts).toMatchObject([{ part: 'grpc', ready: true }])
})

test('a failure is a status with its message; a call that is not in the proto is unimplemented', async () => {
  const { target } = await startServer(async () => ({ failure: 'INVALID_ARGUMENT', message: 'addr is empty' }))
  const client = openClient(target)
  expect(await ask(client, 'BanPeer', {})).toEqual({ code: 3, details: 'addr is empty' })
  const unknown = await new Promise<ServiceError | null>((resolve) =>
    client.makeUnaryRequest('/p2p_api.PeerService/UpdateCatchupReputation', () => Buffer.alloc(0), String, {}, resolve),
  )
  expect(unknown?.code).toBe(12)
})

async function reflectionOf(version: string): Promise<MethodDefinition<object, object>> {
  const folder = new URL(`../../../node_modules/@grpc/reflection/build/proto/grpc/reflection/${version}/`, import.meta.url).pathname
  const proto = await load(`${folder}reflection.proto`, { keepCase: true })
  const rpc = (proto[`grpc.reflection.${version}.ServerReflection`] as typeof definition).ServerReflectionInfo
  if (!rpc) throw new Error('no reflection in the proto')
  return rpc
}

/** The answers to requests on one stream of reflection, or the error of the stream. */
function reflect(client: Client, rpc: MethodDefinition<object, object>, requests: readonly (object | Buffer)[]): Promise<object[]> {
  const serialize = (request: object) => (Buffer.isBuffer(request) ? request : rpc.requestSerialize(request))
  const stream = client.makeBidiStreamRequest(rpc.path, serialize, rpc.responseDeserialize)
  const answers: object[] = []
  return new Promise((resolve) => {
    stream.on('data', (answer: object) => answers.push(answer))
    stream.on('error', (error) => resolve([error])).on('end', () => resolve(answers))
    for (const request of requests) stream.write(request)
    stream.end()
  })
}

test('reflection names the service, and describes it with its imports, in v1 and in v1alpha', async () => {
  const { target } = await startServer(async () => ({ response: {} }))
  for (const version of ['v1', 'v1alpha']) {
    const rpc = await reflectionOf(version)
    const requests = [{ list_services: '*' }, { file_containing_symbol: 'p2p_api.PeerService' }]
    const [list, file] = await reflect(openClient(target), rpc, requests)
    expect(JSON.stringify(list)).toContain('p2p_api.PeerService')
    const { file_descriptor_response } = file as { file_descriptor_response: { file_descriptor_proto: Buffer[] } }
    const [own, imported] = file_descriptor_response.file_descriptor_proto.map(String)
    expect(own).toContain('google_protobuf.proto') // without it tools cannot resolve google.protobuf.Empty
    expect(imported).toMatch(/google_protobuf\.proto.*Empty/s)
  }
})

test('malformed messages end their call, and never the process', async () => {
  const { target, calls } = await startServer(async () => ({ response: {} }))
  const junk = Buffer.from([0xff, 0xff, 0xff, 0xff, 0x07, 0x00])
  const client = openClient(target)
  const unary = await new Promise<ServiceError | null>((resolve) =>
    client.makeUnaryRequest('/p2p_api.PeerService/BanPeer', () => junk, String, {}, resolve),
  )
  expect(unary?.code).toBe(13)
  const rpc = await reflectionOf('v1')
  const odd = ['constructor', '__proto__', 'toString', ''].flatMap((name) => [
    { file_containing_symbol: name },
    { file_by_filename: name },
    { all_extension_numbers_of_type: name },
    { file_containing_extension: { containing_type: name, extension_number: -1 } },
  ])
  expect(await reflect(client, rpc, odd)).toHaveLength(odd.length)
  expect(await reflect(client, rpc, [junk])).toMatchObject([{ code: 13 }])
  expect(calls).toEqual([])
  expect(await ask(client, 'GetPeers', {})).toEqual({ peers: [] })
})

test('a message beyond the bound is refused, and never gets to the service', async () => {
  const { target, calls } = await startServer(async () => ({ response: {} }))
  expect(await ask(openClient(target), 'BanPeer', { addr: 'x'.repeat(100_000) })).toMatchObject({ code: 8 })
  expect(calls).toEqual([])
})

test('what is no HTTP/2 does not harm the server, and connections beyond the bound are closed', async () => {
  const { target, server } = await startServer(async () => ({ response: {} }))
  const open = Array.from({ length: 101 }, () =>
    connect(server.port(), '127.0.0.1')
      .on('error', () => {})
      .resume(),
  )
  onTestFinished(() => {
    for (const socket of open) socket.destroy()
  })
  await eventually(() => expect(open.filter(({ destroyed }) => destroyed)).toHaveLength(1))
  for (const socket of open) socket.write('GET / HTTP/1.1\r\n\r\n\x00\x01')
  await eventually(() => expect(open.filter(({ destroyed }) => !destroyed)).toEqual([]))
  expect(await ask(openClient(target), 'GetPeers', {})).toEqual({ peers: [] })
})

test('stop ends open connections and calls in progress at once', async () => {
  const { target, server, calls } = await startServer(() => new Promise(() => {}))
  const answer = ask(openClient(target), 'GetPeers', {})
  await eventually(() => expect(calls).toHaveLength(1))
  await server.stop()
  expect(await answer).toMatchObject({ code: expect.any(Number) })
})

test('an address in use is said in one sentence', async () => {
  const { server } = await startServer(async () => ({ response: {} }))
  const address = { host: '127.0.0.1', port: server.port() }
  await expect(startServer(async () => ({ response: {} }), { address })).rejects.toThrow(
    /p2p_grpcListenAddress 127\.0\.0\.1:\d+ \(EADDRINUSE\)/,
  )
})

function makeCertificate(folder: string, name: string): void {
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const alternative = 'subjectAltName=DNS:localhost'
  const words = `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=${name} -addext ${alternative}`
  execFileSync('openssl', [...words.split(' '), '-keyout', key, '-out', cert], { stdio: 'pipe' })
}

test('with TLS, a new certificate in the files is used without a restart', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'grpc-tls-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  makeCertificate(folder, 'first')
  const tls = { certFile: join(folder, 'cert.pem'), keyFile: join(folder, 'key.pem') }
  const { server } = await startServer(async () => ({ response: {} }), { tls, tlsReadMs: 20 })
  const target = `localhost:${server.port()}` // a certificate for an address alone makes Node warn
  expect(await ask(openClient(target, readFileSync(tls.certFile)), 'GetPeers', {})).toEqual({ peers: [] })
  expect(await ask(openClient(target), 'GetPeers', {})).toMatchObject({ code: 14 })
  makeCertificate(folder, 'second')
  await eventually(async () => expect(await ask(openClient(target, readFileSync(tls.certFile)), 'GetPeers', {})).toEqual({ peers: [] }))
})

test('a certificate that cannot be used is an error that names the setting', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'grpc-tls-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  makeCertificate(folder, 'one')
  const cert = join(folder, 'cert.pem')
  const answer = async (): Promise<RpcAnswer> => ({ response: {} })
  await expect(startServer(answer, { tls: { certFile: cert, keyFile: '/nowhere/key.pem' } })).rejects.toThrow(
    'server_keyFile /nowhere/key.pem',
  )
  await expect(startServer(answer, { tls: { certFile: cert, keyFile: cert } })).rejects.toThrow('are not a PEM certificate and its key')
})
