import { createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, type TlsOptions } from 'node:tls'
import { formatListenAddress, type ListenAddress } from '../addresses/host-port.ts'

export interface ListenerOptions {
  readonly address: ListenAddress
  /** Undefined: without TLS. */
  readonly tls: TlsOptions | undefined
  readonly maxConnections: number
}

export interface ListenerDeps {
  /** Gets each connection, after its TLS handshake. */
  readonly onConnection: (connection: Socket) => void
  readonly onError: (error: Error) => void
}

const HANDSHAKE_MS = 5000

/** The TCP or TLS port of the gRPC server. It knows its connections, so that their number has a bound and a stop ends them all. */
export class Listener {
  readonly #options: ListenerOptions
  readonly #deps: ListenerDeps
  readonly #server: Server
  readonly #open = new Set<Socket>()
  readonly #setContext: ((options: TlsOptions) => void) | undefined

  constructor(options: ListenerOptions, deps: ListenerDeps) {
    this.#options = options
    this.#deps = deps
    if (options.tls) {
      const server = createTlsServer({ ...options.tls, ALPNProtocols: ['h2'], handshakeTimeout: HANDSHAKE_MS })
      server.on('secureConnection', deps.onConnection).on('tlsClientError', () => {}) // a client that speaks no TLS is its own problem
      this.#setContext = (context) => server.setSecureContext(context)
      this.#server = server
    } else this.#server = createServer(deps.onConnection)
    this.#server.maxConnections = options.maxConnections
    this.#server.on('connection', (socket: Socket) => this.#opened(socket))
  }

  /** Rejects with one clear sentence when the address cannot be used. */
  start(): Promise<void> {
    const { address } = this.#options
    const { host, port } = address
    return new Promise((resolve, reject) => {
      const failed = (cause: NodeJS.ErrnoException) => {
        const name = formatListenAddress(address)
        reject(new Error(`Cannot listen on p2p_grpcListenAddress ${name} (${cause.code}): set an address that is free`, { cause }))
      }
      this.#server.once('error', failed)
      this.#server.listen({ port, ...(host === null ? {} : { host }) }, () => {
        this.#server.off('error', failed)
        this.#server.on('error', this.#deps.onError)
        resolve()
      })
    })
  }

  /** The port on which it listens. */
  port(): number {
    const bound = this.#server.address()
    return typeof bound === 'object' && bound !== null ? bound.port : this.#options.address.port
  }

  /** For connections from now on. */
  useCertificate(context: TlsOptions): void {
    this.#setContext?.(context)
  }

  stop(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve()) // an error only means that it was not listening
      for (const socket of this.#open) socket.destroy()
    })
  }

  #opened(socket: Socket): void {
    this.#open.add(socket)
    socket.once('close', () => this.#open.delete(socket)).on('error', () => {}) // the session on it ends with it
  }
}
