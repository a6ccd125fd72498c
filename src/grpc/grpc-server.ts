import type { Socket } from 'node:net'
import type { TlsOptions } from 'node:tls'
import { Server, ServerCredentials } from '@grpc/grpc-js'
import { ReflectionService } from '@grpc/reflection'
import type { Logger } from 'pino'
import { formatListenAddress, type ListenAddress } from '../addresses/host-port.ts'
import type { RpcService } from '../admin/ports.ts'
import type { PartHealth } from '../lifecycle/health.ts'
import { repeat } from '../lifecycle/time.ts'
import { createHandlers } from './handlers.ts'
import { Listener } from './listener.ts'
import { loadPeerService } from './proto.ts'
import { withImports } from './reflected.ts'
import { readTlsFiles, type TlsFiles } from './tls-files.ts'

export interface GrpcServerOptions {
  readonly address: ListenAddress
  /** Null: without TLS. */
  readonly tls: TlsFiles | null
  /** What an operator should know while it works, if anything. */
  readonly caveat?: string
  /** How often the files of the certificate are looked at. */
  readonly tlsReadMs?: number
}

export interface GrpcServerDeps {
  readonly service: RpcService
  readonly log: Logger
  readonly health: PartHealth
}

const MOST_CONNECTIONS = 100
const TLS_READ_MS = 60_000
/** Requests are small. A connection that was silent for long is closed: clients open a new one without a word. */
const SERVER_OPTIONS = {
  'grpc.max_receive_message_length': 64 * 1024,
  'grpc.max_concurrent_streams': 100,
  'grpc.max_metadata_size': 16 * 1024,
  'grpc.max_connection_idle_ms': 300_000,
  'grpc.keepalive_time_ms': 60_000,
  'grpc.keepalive_timeout_ms': 10_000,
  'grpc.enable_channelz': 0,
}

/**
 * The gRPC server: the peer service, and reflection (v1 and v1alpha) for tools. The port is our own rather than that of the library,
 * because connections need a bound and certificates are read again when they change.
 */
export class GrpcServer {
  readonly #options: GrpcServerOptions
  readonly #deps: GrpcServerDeps
  readonly #server = new Server(SERVER_OPTIONS)
  readonly #stopped = new AbortController()
  #listener: Listener | undefined
  #watching: Promise<void> | undefined

  constructor(options: GrpcServerOptions, deps: GrpcServerDeps) {
    this.#options = options
    this.#deps = deps
  }

  /** Rejects with one clear sentence when the address or the certificate cannot be used. */
  async start(): Promise<void> {
    const { address, tls } = this.#options
    const { service, log, health } = this.#deps
    const { all, service: definition } = await loadPeerService()
    this.#server.addService(definition, createHandlers(service))
    new ReflectionService(withImports(all)).addToServer(this.#server)
    const certificate = tls ? await readTlsFiles(tls) : undefined
    // TLS ends at our own port, so the library's connections are without it.
    const injector = this.#server.createConnectionInjector(ServerCredentials.createInsecure())
    const listener = new Listener(
      { address, tls: certificate, maxConnections: MOST_CONNECTIONS },
      {
        onConnection: (connection: Socket) => injector.injectConnection(connection),
        onError: (err) => log.error({ err }, 'the gRPC server failed'),
      },
    )
    await listener.start()
    this.#listener = listener
    if (tls && certificate) this.#watching = this.#watchCertificate(tls, certificate, listener)
    health.ready(this.#options.caveat)
    log.info({ address: formatListenAddress(address), tls: tls !== null }, 'the gRPC peer service listens')
  }

  /** The port on which it listens. */
  port(): number {
    return this.#listener?.port() ?? this.#options.address.port
  }

  async stop(): Promise<void> {
    this.#stopped.abort()
    this.#server.forceShutdown()
    await this.#listener?.stop()
    await this.#watching
  }

  async #watchCertificate(files: TlsFiles, first: TlsOptions, listener: Listener): Promise<void> {
    const { log } = this.#deps
    let current = first
    const onError = (err: unknown) => log.warn({ err }, 'the certificate of gRPC cannot be read again, the one before stays')
    await repeat({ everyMs: this.#options.tlsReadMs ?? TLS_READ_MS, signal: this.#stopped.signal, onError }, async () => {
      const read = await readTlsFiles(files)
      if (isSame(read, current)) return
      current = read
      listener.useCertificate(read)
      log.info({ file: files.certFile }, 'gRPC has a new certificate')
    })
  }
}

function isSame(one: TlsOptions, other: TlsOptions): boolean {
  return String(one.cert) === String(other.cert) && String(one.key) === String(other.key)
}
