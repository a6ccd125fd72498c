import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Logger } from 'pino'
import { formatListenAddress, type ListenAddress } from '../addresses/host-port.ts'
import type { PartHealth } from '../lifecycle/health.ts'
import { AdminError } from './answers.ts'
import type { HttpAnswer, RawRequest } from './ports.ts'
import { jsonAnswer, type RespondDeps, respond } from './respond.ts'

export interface AdminServerOptions {
  readonly address: ListenAddress
}

export interface AdminServerDeps extends Omit<RespondDeps, 'signal' | 'door'> {
  readonly log: Logger
  readonly health: PartHealth
  /** The OpenAPI document, as JSON. */
  readonly document: string
}

const MOST_BODY_BYTES = 64 * 1024
const MOST_CONNECTIONS = 100

/** The HTTP admin API. Each request has bounded input, and ends in time. */
export class AdminServer {
  readonly #address: ListenAddress
  readonly #deps: AdminServerDeps
  readonly #server: Server
  readonly #stopped = new AbortController()

  constructor({ address }: AdminServerOptions, deps: AdminServerDeps) {
    this.#address = address
    this.#deps = deps
    const timeouts = { requestTimeout: 10_000, headersTimeout: 5_000, keepAliveTimeout: 5_000, connectionsCheckingInterval: 1_000 }
    this.#server = createServer({ ...timeouts, maxHeaderSize: 16 * 1024 }, (request, response) => void this.#respond(request, response))
    this.#server.maxConnections = MOST_CONNECTIONS
  }

  /** Rejects with one clear sentence when the address cannot be used. */
  start(): Promise<void> {
    const { log, health } = this.#deps
    const name = formatListenAddress(this.#address)
    const { host, port } = this.#address
    return new Promise((resolve, reject) => {
      const failed = (cause: NodeJS.ErrnoException) =>
        reject(new Error(`Cannot listen on admin_listen_address ${name} (${cause.code}): set an address that is free`, { cause }))
      this.#server.once('error', failed)
      this.#server.listen({ port, ...(host === null ? {} : { host }) }, () => {
        this.#server.off('error', failed)
        this.#server.on('error', (err) => log.error({ err }, 'the admin API failed'))
        health.ready()
        log.info({ address: name }, 'the admin API listens')
        resolve()
      })
    })
  }

  /** The port on which it listens. */
  port(): number {
    const bound = this.#server.address()
    return typeof bound === 'object' && bound !== null ? bound.port : this.#address.port
  }

  stop(): Promise<void> {
    this.#stopped.abort(new AdminError(503, 'the bridge stops'))
    return new Promise((resolve) => {
      this.#server.close(() => resolve()) // an error only means that it was not listening
      this.#server.closeAllConnections()
    })
  }

  async #respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [method, target] = [request.method ?? 'GET', request.url ?? '/']
    const raw = { method, target, headers: request.headers, address: addressOf(request), readBody: () => readBody(request) }
    send(response, await this.#answer(raw), method)
  }

  async #answer(raw: RawRequest): Promise<HttpAnswer> {
    if ((raw.method === 'GET' || raw.method === 'HEAD') && raw.target === '/openapi.json') return jsonAnswer(200, this.#deps.document)
    return respond(raw, { ...this.#deps, door: 'http', signal: this.#stopped.signal })
  }
}

function addressOf({ socket }: IncomingMessage): string {
  return socket.remoteAddress ?? 'unknown'
}

async function readBody(request: IncomingMessage): ReturnType<RawRequest['readBody']> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes <= MOST_BODY_BYTES) chunks.push(chunk) // the rest is read and dropped, or the sender would get a reset, no answer
  }
  if (bytes > MOST_BODY_BYTES) throw new AdminError(413, `the body may have at most ${MOST_BODY_BYTES} bytes`)
  return Buffer.concat(chunks).toString('utf8')
}

function send(response: ServerResponse, { status, headers, text }: HttpAnswer, method: string): void {
  if (response.headersSent || response.destroyed) return
  response.writeHead(status, { 'content-length': Buffer.byteLength(text), ...headers })
  response.end(method === 'HEAD' ? undefined : text)
}
