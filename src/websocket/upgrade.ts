import type uWS from 'uWebSockets.js'
import type { Cidr } from '../addresses/cidr.ts'
import { ipAddressText } from '../addresses/ip-address.ts'
import type { Clock } from '../lifecycle/clock.ts'
import type { WebSocketMetrics } from '../telemetry/websocket-metrics.ts'
import type { Admission, Refusal } from './clients/admission.ts'
import { Client } from './clients/client.ts'
import type { Clients } from './clients/clients.ts'
import { OWN_CLIENT_HEADER } from './clients/own-client.ts'
import { SUBPROTOCOL } from './feed/frames.ts'
import { clientAddress, isTrusted, type RemoteAddress, remoteAddress, socketAddress } from './http/client-address.ts'
import type { Origins } from './http/origins.ts'
import type { Refusals } from './http/refusals.ts'
import { sendText, type TextAnswer } from './http/text-answer.ts'
import { readUpgrade, type UpgradeRequest } from './http/upgrade-request.ts'

export interface UpgradeOptions {
  readonly trustedProxies: readonly Cidr[]
  readonly ownToken: string | undefined
}

export interface UpgradeDeps {
  readonly admission: Admission
  readonly clients: Clients
  readonly metrics: WebSocketMetrics
  readonly origins: Origins
  readonly refusals: Refusals
  readonly clock: Pick<Clock, 'steady'>
}

/** uWebSockets.js copies the properties of the user data, so it holds only a reference to the client. */
export interface ClientHolder {
  readonly client: Client
}

export const FOREIGN_ORIGIN = 'pages of this origin may not connect; ws_allowed_origins lists those that may'

const REFUSALS: Readonly<Record<Refusal, string>> = {
  clients: 'too many clients; try again later',
  address: 'too many clients from this address; close some, or try again later',
  rate: 'too many new clients at once; try again in a moment',
}

const UNKNOWN_PROTOCOL = `none of the subprotocols offered is known here; offer ${SUBPROTOCOL}, or none for Teranode's objects`

/** Upgrades a request to a WebSocket, or answers with a status and the reason. */
export function upgrade(
  response: uWS.HttpResponse,
  request: uWS.HttpRequest,
  context: uWS.us_socket_context_t,
  options: UpgradeOptions,
  deps: UpgradeDeps,
): void {
  const asked = readUpgrade(request)
  const address = addressOf(response, asked, options, deps)
  const isOwn = isOwnClient(request, options, deps)
  if (!isKnownProtocol(response, asked, deps)) return
  if (!isOwn && !isAdmitted(response, asked, address, deps)) return
  const isV1 = asked.protocols.includes(SUBPROTOCOL)
  const holder: ClientHolder = { client: new Client({ address, protocol: isV1 ? 'v1' : 'teranode', openedAt: deps.clock.steady(), isOwn }) }
  response.upgrade(holder, asked.key, isV1 ? SUBPROTOCOL : '', asked.extensions, context)
}

function addressOf(
  response: uWS.HttpResponse,
  asked: UpgradeRequest,
  { trustedProxies }: UpgradeOptions,
  { admission, refusals }: UpgradeDeps,
): RemoteAddress {
  const socket = socketAddress(new Uint8Array(response.getRemoteAddress()))
  const isForwarded = asked.xForwardedFor !== '' || asked.forwarded !== ''
  const address = remoteAddress(isForwarded ? clientAddress(socket, asked, trustedProxies) : socket)
  if (isForwarded && !isTrusted(socket, trustedProxies) && admission.isOnly(address.network)) refusals.unlistedProxy(ipAddressText(socket))
  return address
}

/** Only one at a time, so a leaked token allows only one connection beyond the bounds. */
function isOwnClient(request: uWS.HttpRequest, { ownToken }: UpgradeOptions, { clients }: UpgradeDeps): boolean {
  return ownToken !== undefined && request.getHeader(OWN_CLIENT_HEADER) === ownToken && !clients.hasOwn()
}

/** A client that offers subprotocols understands one of them: Teranode's objects are none, and a browser would refuse the answer. */
function isKnownProtocol(response: uWS.HttpResponse, { protocols }: UpgradeRequest, { metrics }: UpgradeDeps): boolean {
  if (protocols.length === 0 || protocols.includes(SUBPROTOCOL)) return true
  metrics.refused.inc({ reason: 'protocol' })
  refuse(response, { status: '400 Bad Request', text: UNKNOWN_PROTOCOL })
  return false
}

/** Also answers a refused request. */
function isAdmitted(
  response: uWS.HttpResponse,
  { origin, host }: UpgradeRequest,
  address: RemoteAddress,
  { admission, metrics, origins, refusals }: UpgradeDeps,
): boolean {
  if (!origins.isAllowed(origin, host)) {
    metrics.refused.inc({ reason: 'origin' })
    refusals.origin(origin, host)
    refuse(response, { status: '403 Forbidden', text: FOREIGN_ORIGIN })
    return false
  }
  const refusal = admission.admit(address.network)
  if (refusal === null) return true
  metrics.refused.inc({ reason: refusal })
  // Random, so that clients refused together do not return together.
  const retryAfter = String(1 + Math.floor(Math.random() * 5))
  refuse(response, { status: '503 Service Unavailable', text: REFUSALS[refusal], headers: { 'Retry-After': retryAfter } })
  return false
}

function refuse(response: uWS.HttpResponse, answer: TextAnswer): void {
  sendText(response, 'get', { ...answer, text: `${answer.text}\n` })
}
