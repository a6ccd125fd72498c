import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Logger } from 'pino'
import { formatListenAddress, type ListenAddress } from '../addresses/host-port.ts'
import type { PartHealth } from '../lifecycle/health.ts'
import { AdminError } from './answers.ts'
import { type HandleDeps, handleRequest, type RawRequest } from './handle.ts'

export interface AdminServerOptions {
  readonly address: ListenAddress
}

export interface AdminServerDeps extends Omit<HandleDeps, 'signal'> {
  readonly log: Logger
  readonly health: PartHealth
  /** The OpenAPI document, as JSON. */
  readonly document: string
  /** Called for each answer. `operation` is empty where no route was found. */
  readonly onAnswer: (operation: string, status: number) => void
}

const MOST_BODY_BYTES = 64 * 1024
const MOST_CONNECTIONS = 100
const JSON_TYPE = 'application/json; charset=utf-8'

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
    const { onAnswer, document, log } = this.#deps
    const [method, target] = [request.method ?? 'GET', request.url ?? '/']
    if ((method === 'GET' || method === 'HEAD') && target === '/openapi.json')
      return send(response, { status: 200, text: document, method })
    try {
      const raw = { method, target, headers: request.headers, address: addressOf(request), readBody: () => readBody(request) }
      const { route, reply } = await handleRequest(raw, { ...this.#deps, signal: this.#stopped.signal })
      onAnswer(route.operation, reply.status)
      send(response, { status: reply.status, text: JSON.stringify(reply.body), method })
    } catch (error) {
      const known = error instanceof AdminError ? error : new AdminError(500, 'internal error: the log of the bridge has it')
      if (known !== error) log.error({ err: error, method }, 'a request to the admin API failed')
      onAnswer('', known.status)
      send(response, { status: known.status, text: JSON.stringify({ error: known.message }), method, headers: known.headers })
    }
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

interface Sent {
  readonly status: number
  readonly text: string
  readonly method: string
  readonly headers?: Readonly<Record<string, string>>
}

function send(response: ServerResponse, { status, text, method, headers = {} }: Sent): void {
  if (response.headersSent || response.destroyed) return
  response.writeHead(status, {
    'content-type': JSON_TYPE,
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...headers,
  })
  response.end(method === 'HEAD' ? undefined : text)
}
