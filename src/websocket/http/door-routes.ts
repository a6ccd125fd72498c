import type uWS from 'uWebSockets.js'
import type { DashboardDoor, HttpAnswer } from '../../admin/ports.ts'
import { utf8 } from '../utf8.ts'
import { type AskedHeaders, askedHeaders } from './asked-headers.ts'
import type { RemoteAddress } from './client-address.ts'

export interface DoorRoutesDeps {
  readonly door: DashboardDoor
  /** The address of the client, behind the proxies that are trusted. */
  addressOf(response: uWS.HttpResponse, asked: AskedHeaders): RemoteAddress
}

const MOST_BODY_BYTES = 16 * 1024
/** Requests in work at one time; beyond it 503. Each ends within the deadline of the door. */
const MOST_AT_ONCE = 200

/** The statuses that the door gives, as HTTP/1.1 writes them. */
const STATUS_LINES: Readonly<Record<number, string>> = {
  200: '200 OK',
  400: '400 Bad Request',
  401: '401 Unauthorized',
  403: '403 Forbidden',
  404: '404 Not Found',
  405: '405 Method Not Allowed',
  413: '413 Content Too Large',
  429: '429 Too Many Requests',
  500: '500 Internal Server Error',
  503: '503 Service Unavailable',
}
const TOO_LARGE = failure(413, `the body may have at most ${MOST_BODY_BYTES} bytes`)
const BUSY = failure(503, 'too many requests at once: try again in a moment', { 'retry-after': '1' })

/** Passes the requests under `/v1` to the door of the dashboard. */
export function addDoorRoutes(app: uWS.TemplatedApp, { door, addressOf }: DoorRoutesDeps): void {
  let atOnce = 0
  app.any('/v1/*', (response, request) => {
    const read = { ...readRequest(request), address: addressOf(response, askedHeaders(request)).text }
    if (atOnce >= MOST_AT_ONCE) return send(response, BUSY, read.method)
    atOnce += 1
    let isOpen = true
    const close = () => {
      if (isOpen) atOnce -= 1
      isOpen = false
    }
    response.onAborted(close)
    collectBody(response, async (body) => {
      const answer = body === undefined ? TOO_LARGE : await door.respond({ ...read, readBody: async () => body })
      const isHere = isOpen
      close()
      if (isHere) response.cork(() => send(response, answer, read.method))
    })
  })
}

/** The request must be read at once: the library uses it again for the next one. */
function readRequest(request: uWS.HttpRequest) {
  const headers: Record<string, string> = {}
  request.forEach((name, value) => {
    headers[name] = value
  })
  const query = request.getQuery()
  return {
    method: request.getMethod().toUpperCase(),
    target: query ? `${request.getUrl()}?${query}` : request.getUrl(),
    headers,
  }
}

/** Calls `done` with the whole body, or with undefined when it is too large: then the rest was read and dropped. */
function collectBody(response: uWS.HttpResponse, done: (body: string | undefined) => Promise<void>): void {
  const chunks: Buffer[] = []
  let bytes = 0
  response.onData((chunk, isLast) => {
    bytes += chunk.byteLength
    // A copy, because the chunk is void after this call.
    if (bytes <= MOST_BODY_BYTES) chunks.push(Buffer.from(Buffer.from(chunk)))
    if (isLast) void done(bytes <= MOST_BODY_BYTES ? Buffer.concat(chunks).toString('utf8') : undefined)
  })
}

function send(response: uWS.HttpResponse, { status, headers, text }: HttpAnswer, method: string): void {
  response.writeStatus(STATUS_LINES[status] ?? `${status} Error`)
  for (const [name, value] of Object.entries(headers)) response.writeHeader(name, value)
  response.writeHeader('Cross-Origin-Resource-Policy', 'same-origin')
  if (method !== 'HEAD') response.end(utf8(text))
  // As a header: with the length as an argument, the library waits for a body that never comes.
  else response.writeHeader('Content-Length', `${Buffer.byteLength(text)}`).endWithoutBody()
}

function failure(status: number, error: string, headers: Readonly<Record<string, string>> = {}): HttpAnswer {
  const common = { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' }
  return { status, headers: { ...common, ...headers }, text: JSON.stringify({ error }) }
}
