import type uWS from 'uWebSockets.js'
import type { Cidr } from '../../addresses/cidr.ts'
import { ipAddressText } from '../../addresses/ip-address.ts'
import type { WebSocketMetrics } from '../../telemetry/websocket-metrics.ts'
import type { AskedHeaders } from '../http/asked-headers.ts'
import { clientAddress, isTrusted, type RemoteAddress, remoteAddress, socketAddress } from '../http/client-address.ts'
import type { Origins } from '../http/origins.ts'
import type { Refusals } from '../http/refusals.ts'
import type { TextAnswer } from '../http/text-answer.ts'
import type { TokenVerdict } from '../tokens/token-check.ts'
import type { TokenGate } from '../tokens/token-gate.ts'
import type { Admission, Refusal } from './admission.ts'

export interface EntranceOptions {
  readonly trustedProxies: readonly Cidr[]
}

export interface EntranceDeps {
  readonly admission: Pick<Admission, 'admit' | 'isOnly' | 'release'>
  readonly origins: Pick<Origins, 'isAllowed'>
  readonly refusals: Pick<Refusals, 'origin' | 'token' | 'unlistedProxy'>
  /** Null if clients need no token. */
  readonly tokens: Pick<TokenGate, 'check'> | null
  readonly metrics: Pick<WebSocketMetrics, 'refused'>
}

export const FOREIGN_ORIGIN = 'pages of this origin may not connect; ws_allowed_origins lists those that may'

const NO_TOKEN_NEEDED: TokenVerdict = { refusal: null, expiresAt: null }

const REFUSALS: Readonly<Record<Refusal, string>> = {
  clients: 'too many clients; try again later',
  address: 'too many clients from this address; close some, or try again later',
  rate: 'too many new clients at once; try again in a moment',
}

/** What becomes of a request: an answer that refuses it, or a connection until `expiresAt` (ms since the epoch; null: without an end). */
export type Entry = { readonly refused: TextAnswer } | { readonly refused: null; readonly expiresAt: number | null }

/** Who may come in, by whatever protocol: the address behind the proxies, the page's origin, the bounds on clients, and the token. */
export class Entrance {
  readonly #options: EntranceOptions
  readonly #deps: EntranceDeps

  constructor(options: EntranceOptions, deps: EntranceDeps) {
    this.#options = options
    this.#deps = deps
  }

  /** The address of the client; that of its proxy, if `trusted_proxies` does not list it. */
  addressOf(response: uWS.HttpResponse, asked: AskedHeaders): RemoteAddress {
    const { trustedProxies } = this.#options
    const { admission, refusals } = this.#deps
    const socket = socketAddress(new Uint8Array(response.getRemoteAddress()))
    const isForwarded = asked.xForwardedFor !== '' || asked.forwarded !== ''
    const address = remoteAddress(isForwarded ? clientAddress(socket, asked, trustedProxies) : socket)
    if (isForwarded && !isTrusted(socket, trustedProxies) && admission.isOnly(address.network))
      refusals.unlistedProxy(ipAddressText(socket))
    return address
  }

  /** The answer to a page that may not connect; null for others. */
  refuseOrigin({ origin, host }: AskedHeaders): TextAnswer | null {
    const { metrics, origins, refusals } = this.#deps
    if (origins.isAllowed(origin, host)) return null
    metrics.refused.inc({ reason: 'origin' })
    refusals.origin(origin, host)
    return { status: '403 Forbidden', text: FOREIGN_ORIGIN }
  }

  /** Takes a place among the clients, which `admission.release` gives back; the answer if there is none. */
  admit(address: RemoteAddress): TextAnswer | null {
    const refusal = this.#deps.admission.admit(address.network)
    if (refusal === null) return null
    this.#deps.metrics.refused.inc({ reason: refusal })
    return tryLater(REFUSALS[refusal])
  }

  /** Judges the token of a request; empty for none. A promise only where it takes time. Never rejects. */
  authorize(token: string, address: RemoteAddress): Entry | Promise<Entry> {
    const { tokens } = this.#deps
    const verdict = tokens === null ? NO_TOKEN_NEEDED : tokens.check(token, address.network)
    return verdict instanceof Promise ? verdict.then((found) => this.#entryOf(found, address)) : this.#entryOf(verdict, address)
  }

  /** Takes a place, and judges the token. Whoever leaves before the entry is used gives the place back with `leave`. */
  enter(token: string, address: RemoteAddress): Entry | Promise<Entry> {
    const refused = this.admit(address)
    if (refused) return { refused }
    const entry = this.authorize(token, address)
    return entry instanceof Promise ? entry.then((found) => this.#keepPlace(found, address)) : this.#keepPlace(entry, address)
  }

  leave(entry: Entry, { network }: RemoteAddress): void {
    if (entry.refused === null) this.#deps.admission.release(network)
  }

  #keepPlace(entry: Entry, { network }: RemoteAddress): Entry {
    if (entry.refused !== null) this.#deps.admission.release(network)
    return entry
  }

  #entryOf(verdict: TokenVerdict, address: RemoteAddress): Entry {
    if (verdict.refusal === null) return { refused: null, expiresAt: verdict.expiresAt }
    this.#deps.metrics.refused.inc({ reason: `token-${verdict.refusal}` })
    this.#deps.refusals.token(verdict, address.text)
    return { refused: verdict.refusal === 'too-often' ? tooOften(verdict.text) : unauthorized(verdict) }
  }
}

function tooOften(text: string): TextAnswer {
  return { status: '429 Too Many Requests', text, headers: { 'Retry-After': '10' } }
}

/** RFC 6750, 3: the error is named only if there was a token. */
function unauthorized({ refusal, text }: Exclude<TokenVerdict, { refusal: null }>): TextAnswer {
  const challenge = `Bearer realm="gossip-bridge"${refusal === 'missing' ? '' : ', error="invalid_token"'}`
  const advice = refusal === 'missing' ? `${text}, as "Authorization: Bearer <token>" or in one of the ways of docs/websocket.md` : text
  return { status: '401 Unauthorized', text: advice, headers: { 'WWW-Authenticate': challenge } }
}

/** 503 with a random pause, so that clients refused together do not return together. */
export function tryLater(text: string): TextAnswer {
  return { status: '503 Service Unavailable', text, headers: { 'Retry-After': String(1 + Math.floor(Math.random() * 5)) } }
}
