import uWS from 'uWebSockets.js'
import type { Logger } from 'pino'
import type { Clock } from '../lifecycle/clock.ts'
import type { WebSocketMetrics } from '../telemetry/websocket-metrics.ts'
import type { Admission, Refusal } from './clients/admission.ts'
import { Client } from './clients/client.ts'
import type { Clients } from './clients/clients.ts'
import { OWN_CLIENT_HEADER } from './clients/own-client.ts'
import { SUBPROTOCOL } from './feed/frames.ts'
import { sendText } from './http/http-routes.ts'
import { isOriginAllowed } from './http/origin.ts'
import { type RemoteAddress, remoteAddress } from './http/remote-address.ts'

const PATHS = ['/p2p-ws', '/ws']

export interface WebSocketRoutesOptions {
  readonly allowedOrigins: readonly string[]
  readonly ownToken: string | undefined
  readonly maxInboundBytes: number
  readonly slowClientBytes: number
  readonly idleTimeoutSeconds: number
}

/** uWebSockets.js copies the properties of the user data, so it holds only a reference to the client. */
export interface ClientHolder {
  readonly client: Client
}

export interface WebSocketRoutesDeps {
  readonly log: Logger
  readonly admission: Admission
  readonly clients: Clients
  readonly metrics: WebSocketMetrics
  readonly clock: Pick<Clock, 'steady'>
  onOpen(client: Client): void
  onMessage(client: Client, text: string): void
}

const REFUSALS: Readonly<Record<Refusal, string>> = {
  clients: 'too many clients; try again later',
  address: 'too many clients from this address; close some, or try again later',
  rate: 'too many new clients at once; try again in a moment',
}

/** The two WebSocket paths. A request that is not an upgrade gets 426; a refused one a status and the reason. */
export function addWebSocketRoutes(app: uWS.TemplatedApp, options: WebSocketRoutesOptions, deps: WebSocketRoutesDeps): void {
  for (const path of PATHS) {
    app.ws<ClientHolder>(path, behavior(options, deps))
    app.get(path, (response) => {
      response.writeStatus('426 Upgrade Required').writeHeader('Upgrade', 'websocket').writeHeader('Connection', 'Upgrade')
      sendText(response, null, 'this address speaks WebSocket; open it with a WebSocket client')
    })
  }
}

function behavior(options: WebSocketRoutesOptions, deps: WebSocketRoutesDeps): uWS.WebSocketBehavior<ClientHolder> {
  const { clients, onOpen, onMessage } = deps
  return {
    compression: uWS.DISABLED,
    // uWebSockets.js drops the connection at a longer message without a close frame; our own, lower bound answers with 1009.
    maxPayloadLength: 8 * options.maxInboundBytes,
    maxBackpressure: 2 * options.slowClientBytes,
    idleTimeout: options.idleTimeoutSeconds,
    sendPingsAutomatically: true,
    upgrade(response, request, context) {
      try {
        upgrade(response, request, context, options, deps)
      } catch (error) {
        // uWebSockets.js ends the process when a handler throws before it answered.
        deps.log.error({ err: error }, 'websocket upgrade failed')
        response.close()
      }
    },
    open(socket) {
      const client = socket.getUserData().client
      client.attach(socket)
      clients.opened(client)
      onOpen(client)
    },
    message(socket, message) {
      onMessage(socket.getUserData().client, Buffer.from(message).toString())
    },
    drain(socket) {
      socket.getUserData().client.drained()
    },
    dropped(socket) {
      // Called inside the library's fan-out, where a socket must not be closed. The full buffer has no room for a close frame.
      const client = socket.getUserData().client
      setImmediate(() => client.kill('slow'))
    },
    close(socket, code, reason) {
      clients.closed(socket.getUserData().client, code, Buffer.from(reason).toString())
    },
  }
}

function upgrade(
  response: uWS.HttpResponse,
  request: uWS.HttpRequest,
  context: uWS.us_socket_context_t,
  options: WebSocketRoutesOptions,
  deps: WebSocketRoutesDeps,
): void {
  const address = remoteAddress(new Uint8Array(response.getRemoteAddress()))
  const isOwn = isOwnClient(request, options, deps)
  if (!isOwn && !isAdmitted(response, request, address, options, deps)) return
  const offered = request.getHeader('sec-websocket-protocol').split(',')
  const isV1 = offered.some((name) => name.trim() === SUBPROTOCOL)
  const holder: ClientHolder = { client: new Client({ address, protocol: isV1 ? 'v1' : 'teranode', openedAt: deps.clock.steady(), isOwn }) }
  response.upgrade(
    holder,
    request.getHeader('sec-websocket-key'),
    isV1 ? SUBPROTOCOL : '',
    request.getHeader('sec-websocket-extensions'),
    context,
  )
}

/** Only one at a time, so a leaked token allows only one connection beyond the bounds. */
function isOwnClient(request: uWS.HttpRequest, { ownToken }: WebSocketRoutesOptions, { clients }: WebSocketRoutesDeps): boolean {
  return ownToken !== undefined && request.getHeader(OWN_CLIENT_HEADER) === ownToken && !clients.hasOwn()
}

/** Also answers a refused request. */
function isAdmitted(
  response: uWS.HttpResponse,
  request: uWS.HttpRequest,
  address: RemoteAddress,
  { allowedOrigins }: WebSocketRoutesOptions,
  { admission, metrics }: WebSocketRoutesDeps,
): boolean {
  const origin = request.getHeader('origin')
  if (!isOriginAllowed(origin, request.getHeader('host'), allowedOrigins)) {
    metrics.refused.inc({ reason: 'origin' })
    sendText(response, '403 Forbidden', 'pages of this origin may not connect; ws_allowed_origins lists those that may')
    return false
  }
  const refusal = admission.admit(address.network)
  if (refusal === null) return true
  metrics.refused.inc({ reason: refusal })
  // Random, so that clients refused together do not return together.
  const retryAfter = String(1 + Math.floor(Math.random() * 5))
  sendText(response.writeStatus('503 Service Unavailable').writeHeader('Retry-After', retryAfter), null, REFUSALS[refusal])
  return false
}
