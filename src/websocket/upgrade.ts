import type uWS from 'uWebSockets.js'
import type { Logger } from 'pino'
import type { Clock } from '../lifecycle/clock.ts'
import type { WebSocketMetrics } from '../telemetry/websocket-metrics.ts'
import { Client } from './clients/client.ts'
import type { Clients } from './clients/clients.ts'
import type { Entrance, Entry } from './clients/entrance.ts'
import { OWN_CLIENT_HEADER } from './clients/own-client.ts'
import { SUBPROTOCOL } from './feed/frames.ts'
import { respondWhen } from './http/respond-when.ts'
import { sendText, type TextAnswer } from './http/text-answer.ts'
import { readUpgrade, type UpgradeRequest } from './http/upgrade-request.ts'
import { tokenInRequest } from './tokens/token-in-request.ts'

export interface UpgradeOptions {
  readonly ownToken: string | undefined
}

export interface UpgradeDeps {
  readonly log: Logger
  readonly entrance: Entrance
  readonly clients: Clients
  readonly metrics: WebSocketMetrics
  readonly clock: Pick<Clock, 'steady'>
}

/** uWebSockets.js copies the properties of the user data, so it holds only a reference to the client. */
export interface ClientHolder {
  readonly client: Client
}

/** The process's own client takes no place and needs no token. */
const OWN_ENTRY: Entry = { refused: null, expiresAt: null }
const UNKNOWN_PROTOCOL = `none of the subprotocols offered is known here; offer ${SUBPROTOCOL}, or none for Teranode's objects`

/** RFC 6455, 4.4. */
const NOT_A_WEBSOCKET: TextAnswer = {
  status: '426 Upgrade Required',
  text: 'this address speaks WebSocket of version 13; open it with a WebSocket client',
  headers: { Upgrade: 'websocket', Connection: 'Upgrade', 'Sec-WebSocket-Version': '13' },
}

/** Upgrades a request to a WebSocket, or answers with a status and the reason. */
export function upgrade(
  response: uWS.HttpResponse,
  request: uWS.HttpRequest,
  context: uWS.us_socket_context_t,
  options: UpgradeOptions,
  deps: UpgradeDeps,
): void {
  const asked = readUpgrade(request)
  const { entrance, clock } = deps
  const address = entrance.addressOf(response, asked)
  const isOwn = isOwnClient(request, options, deps)
  const refused =
    (asked.isWebSocket ? null : NOT_A_WEBSOCKET) ?? refuseProtocol(asked, deps) ?? (isOwn ? null : entrance.refuseOrigin(asked))
  if (refused) {
    refuse(response, refused)
    return
  }
  respondWhen(response, isOwn ? OWN_ENTRY : entrance.enter(tokenInRequest(asked), address), {
    respond(entry) {
      if (entry.refused) {
        refuse(response, entry.refused)
        return
      }
      const isV1 = asked.protocols.includes(SUBPROTOCOL)
      const protocol = isV1 ? 'v1' : 'teranode'
      const client = new Client({ address, protocol, openedAt: clock.steady(), isOwn, expiresAt: entry.expiresAt })
      const holder: ClientHolder = { client }
      response.upgrade(holder, asked.key, isV1 ? SUBPROTOCOL : '', asked.extensions, context)
    },
    left: (entry) => entrance.leave(entry, address),
    failed: (error) => deps.log.error({ err: error }, 'websocket upgrade failed'),
  })
}

function refuse(response: uWS.HttpResponse, refused: TextAnswer): void {
  sendText(response, 'get', { ...refused, text: `${refused.text}\n` })
}

/** Only one at a time, so a leaked token allows only one connection beyond the bounds. */
function isOwnClient(request: uWS.HttpRequest, { ownToken }: UpgradeOptions, { clients }: UpgradeDeps): boolean {
  return ownToken !== undefined && request.getHeader(OWN_CLIENT_HEADER) === ownToken && !clients.hasOwn()
}

/** A client that offers subprotocols understands one of them: Teranode's objects are none, and a browser would refuse the answer. */
function refuseProtocol({ protocols }: UpgradeRequest, { metrics }: UpgradeDeps): TextAnswer | null {
  if (protocols.length === 0 || protocols.includes(SUBPROTOCOL)) return null
  metrics.refused.inc({ reason: 'protocol' })
  return { status: '400 Bad Request', text: UNKNOWN_PROTOCOL }
}
