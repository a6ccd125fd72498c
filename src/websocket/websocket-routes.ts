import uWS from 'uWebSockets.js'
import type { Client } from './clients/client.ts'
import { FOREIGN_ORIGIN } from './clients/entrance.ts'
import { TextSocket } from './clients/text-socket.ts'
import { askedHeaders } from './http/asked-headers.ts'
import { remoteAddress, socketAddress } from './http/client-address.ts'
import { onGetAndHead } from './http/http-routes.ts'
import type { Origins } from './http/origins.ts'
import type { Refusals } from './http/refusals.ts'
import { respondWhen } from './http/respond-when.ts'
import { sendText, type TextAnswer } from './http/text-answer.ts'
import { tokenInRequest } from './tokens/token-in-request.ts'
import { type ClientHolder, type UpgradeDeps, type UpgradeOptions, upgrade } from './upgrade.ts'

const PATHS = ['/p2p-ws', '/ws']
const ALLOWED_ORIGIN = 'this address speaks WebSocket, and pages of this origin may connect'
const NOT_UPGRADED: TextAnswer = {
  status: '426 Upgrade Required',
  text: 'this address speaks WebSocket; open it with a WebSocket client\n',
  headers: { Upgrade: 'websocket', Connection: 'Upgrade' },
}

export interface WebSocketRoutesOptions extends UpgradeOptions {
  readonly maxInboundBytes: number
  readonly slowClientBytes: number
  readonly idleTimeoutSeconds: number
  /** Whether permessage-deflate is negotiated. */
  readonly compression: boolean
}

export interface WebSocketRoutesDeps extends UpgradeDeps {
  readonly origins: Origins
  readonly refusals: Refusals
  onOpen(client: Client): void
  /** `isBinary`: the client sent it as a binary message, so the text may be anything. */
  onMessage(client: Client, text: string, isBinary: boolean): void
}

/**
 * The two WebSocket paths. A request that is not an upgrade gets 426; a refused one a status and the reason. A page is not told why its
 * upgrade failed, so it may ask with POST, which carries its origin: 403 if that is refused, 401 if its token is, else 426.
 */
export function addWebSocketRoutes(app: uWS.TemplatedApp, options: WebSocketRoutesOptions, deps: WebSocketRoutesDeps): void {
  for (const path of PATHS) {
    app.ws<ClientHolder>(path, behavior(options, deps))
    onGetAndHead(app, path, (response, request) => {
      deps.refusals.notUpgraded(remoteAddress(socketAddress(new Uint8Array(response.getRemoteAddress()))).text)
      sendText(response, request.getMethod(), NOT_UPGRADED)
    })
    app.post(path, (response, request) => whyNot(response, request, deps))
  }
}

/** Says what an upgrade by the same page with the same token would meet. */
function whyNot(response: uWS.HttpResponse, request: uWS.HttpRequest, { entrance, log, origins }: WebSocketRoutesDeps): void {
  const asked = askedHeaders(request)
  if (!origins.isAllowed(asked.origin, asked.host)) {
    sendText(response, 'post', { status: '403 Forbidden', text: `${FOREIGN_ORIGIN}\n` })
    return
  }
  const token = tokenInRequest({ ...asked, query: request.getQuery() ?? '' })
  respondWhen(response, entrance.authorize(token, entrance.addressOf(response, asked)), {
    respond: ({ refused }) => sendText(response, 'post', refused ?? { ...NOT_UPGRADED, text: `${ALLOWED_ORIGIN}\n` }),
    left() {},
    failed: (error) => log.error({ err: error }, 'a request to the WebSocket failed'),
  })
}

function behavior(options: WebSocketRoutesOptions, deps: WebSocketRoutesDeps): uWS.WebSocketBehavior<ClientHolder> {
  const { clients, onOpen, onMessage } = deps
  return {
    compression: options.compression ? uWS.SHARED_COMPRESSOR : uWS.DISABLED,
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
      client.attach(new TextSocket(socket))
      clients.opened(client)
      onOpen(client)
    },
    message(socket, message, isBinary) {
      onMessage(socket.getUserData().client, Buffer.from(message).toString(), isBinary)
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
