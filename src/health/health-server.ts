import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import { formatListenAddress, type ListenAddress } from '../addresses/host-port.ts'
import { parseUrl } from '../addresses/url.ts'
import type { Health, PartReport } from '../lifecycle/health.ts'
import { createOpenMetrics, prefersOpenMetrics } from '../telemetry/exemplars/open-metrics.ts'

export interface HealthServerOptions {
  readonly address: ListenAddress
  /** The setting of the address, for the error when it cannot be used. */
  readonly settingName: string
}

export interface HealthServerDeps {
  /** The root logger: `/loglevel` shows its level. */
  readonly log: Logger
  readonly health: Pick<Health, 'report'>
  readonly registry: Pick<Registry, 'metrics' | 'contentType' | 'getMetricsAsArray'>
  /** Handlers by the first path segment, for example `/schema-registry`. They get the rest of the path. */
  readonly mounts?: Readonly<Record<string, MountedHandler>>
}

export interface MountedRequest {
  readonly method: string
  /** Starts with a slash; percent-encoded. */
  readonly path: string
  readonly query: URLSearchParams
  /** Empty except for POST, which some read-only protocols use for lookups. */
  readonly body: string
}

export interface Answer {
  readonly status: number
  readonly contentType: string
  readonly body: string
}

/** Answers one request on a mounted path; undefined means not found. */
export type MountedHandler = (request: MountedRequest) => Answer | undefined | Promise<Answer | undefined>

export interface HealthServer {
  /** Rejects with one clear sentence when the address cannot be used. */
  start(): Promise<void>
  /** The port on which the server listens. */
  port(): number
  stop(): Promise<void>
}

const MAX_BODY_BYTES = 1024 * 1024
const JSON_TYPE = 'application/json; charset=utf-8'
const TEXT_TYPE = 'text/plain; charset=utf-8'

/** Serves health, metrics and other read-only paths. No request changes anything. */
export function createHealthServer({ address, settingName }: HealthServerOptions, deps: HealthServerDeps): HealthServer {
  const { log } = deps
  const server = createServer({
    requestTimeout: 10_000,
    headersTimeout: 5_000,
    keepAliveTimeout: 5_000,
    connectionsCheckingInterval: 1_000,
  })
  server.maxConnections = 256
  server.on('request', (request, response) => {
    respond(request, response, deps).catch((error: unknown) => {
      log.error({ err: error, path: request.url }, 'health request failed')
      send(response, json(500, { error: 'internal error' }))
    })
  })
  return {
    start: () => listen(server, { address, settingName }, log),
    port: () => {
      const bound = server.address()
      return typeof bound === 'object' && bound !== null ? bound.port : address.port
    },
    stop: () => close(server),
  }
}

function listen(server: Server, { address: { host, port }, settingName }: HealthServerOptions, log: Logger): Promise<void> {
  return new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException) => reject(listenError(error, settingName, formatListenAddress({ host, port })))
    server.once('error', failed)
    server.listen({ port, ...(host === null ? {} : { host }) }, () => {
      server.off('error', failed)
      server.on('error', (error) => log.error({ err: error }, 'health server failed'))
      resolve()
    })
  })
}

function listenError(error: NodeJS.ErrnoException, settingName: string, address: string): Error {
  const reasons: Record<string, string> = {
    EADDRINUSE: 'another process has it: stop that one, or set another address',
    EACCES: 'this user may not use it: set a port above 1023',
    EADDRNOTAVAIL: 'this machine has no such address: set one that it has, or only a port such as :9908',
    ENOTFOUND: 'the host name is unknown: set an IP address, or only a port such as :9908',
  }
  return new Error(`Cannot listen on ${settingName} ${address}: ${reasons[error.code ?? ''] ?? error.message}`, { cause: error })
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve()) // an error only means that the server was not listening
    server.closeAllConnections()
  })
}

async function respond(request: IncomingMessage, response: ServerResponse, deps: HealthServerDeps): Promise<void> {
  const method = request.method ?? 'GET'
  const target = parseUrl(`http://localhost${request.url ?? '/'}`)
  if (!target) return send(response, json(400, { error: 'the request target is not a path' }))
  const { pathname, searchParams } = target
  const [prefix = ''] = /^\/[^/]*/.exec(pathname) ?? []
  const mounted = deps.mounts && Object.hasOwn(deps.mounts, prefix) ? deps.mounts[prefix] : undefined
  if (mounted) {
    const body = method === 'POST' ? await readBody(request) : ''
    if (body === undefined) return send(response, json(413, { error: `a request body may have at most ${MAX_BODY_BYTES} bytes` }))
    const answer = await mounted({ method, path: pathname.slice(prefix.length) || '/', query: searchParams, body })
    return send(response, answer ?? notFound(pathname), method)
  }
  if (method !== 'GET' && method !== 'HEAD')
    return send(response, json(405, { error: `${method} is not allowed: this server is read-only` }), method)
  if (pathname === '/metrics') return send(response, await metricsAnswer(request.headers.accept, deps), method)
  send(response, ownAnswer(pathname, searchParams, deps) ?? notFound(pathname), method)
}

async function metricsAnswer(accept: string | undefined, { registry }: HealthServerDeps): Promise<Answer> {
  const format = prefersOpenMetrics(accept) ? createOpenMetrics(registry) : registry
  return { status: 200, contentType: format.contentType, body: await format.metrics() }
}

function ownAnswer(path: string, query: URLSearchParams, { log, health }: HealthServerDeps): Answer | undefined {
  if (path === '/livez') return { status: 200, contentType: TEXT_TYPE, body: 'OK' }
  if (path === '/readyz') return readiness(health.report(), query.has('verbose'))
  if (path === '/loglevel') return json(200, { level: log.level })
  return undefined
}

/** In the format of Kubernetes' own components: a line per part, then the result. `[~]`: not ready, but too briefly to count. */
function readiness({ ready, parts }: ReturnType<Health['report']>, isVerbose: boolean): Answer {
  const waiting = parts.filter((part) => !part.ready && !part.isSettling)
  const mark = (part: PartReport) => (part.ready ? '+' : part.isSettling ? '~' : '-')
  const lines = (isVerbose ? parts : waiting).map((part) => `[${mark(part)}] ${part.part}: ${part.reason}`)
  const sum = ready ? 'OK' : `not ready: ${waiting.map((part) => part.part).join(', ')}`
  return { status: ready ? 200 : 503, contentType: TEXT_TYPE, body: [...lines, sum].join('\n') }
}

function json(status: number, content: unknown): Answer {
  return { status, contentType: JSON_TYPE, body: JSON.stringify(content) }
}

function notFound(path: string): Answer {
  return json(404, { error: `there is nothing at ${path}`, paths: ['/livez', '/readyz?verbose', '/metrics', '/loglevel'] })
}

async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes <= MAX_BODY_BYTES) chunks.push(chunk) // the rest is read and dropped, or the sender would get a reset, no answer
  }
  return bytes > MAX_BODY_BYTES ? undefined : Buffer.concat(chunks).toString('utf8')
}

function send(response: ServerResponse, { status, contentType, body }: Answer, method = 'GET'): void {
  if (response.headersSent) return
  response.writeHead(status, {
    'content-type': contentType,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  })
  response.end(method === 'HEAD' ? undefined : body)
}
