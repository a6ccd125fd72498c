import type uWS from 'uWebSockets.js'
import type { Cidr } from '../../addresses/cidr.ts'
import { ipAddressText } from '../../addresses/ip-address.ts'
import type { WebSocketMetrics } from '../../telemetry/websocket-metrics.ts'
import type { AskedHeaders } from '../http/asked-headers.ts'
import { clientAddress, isTrusted, type RemoteAddress, remoteAddress, socketAddress } from '../http/client-address.ts'
import type { Origins } from '../http/origins.ts'
import type { Refusals } from '../http/refusals.ts'
import type { TextAnswer } from '../http/text-answer.ts'
import type { Admission, Refusal } from './admission.ts'

export interface EntranceOptions {
  readonly trustedProxies: readonly Cidr[]
}

export interface EntranceDeps {
  readonly admission: Pick<Admission, 'admit' | 'isOnly'>
  readonly origins: Pick<Origins, 'isAllowed'>
  readonly refusals: Pick<Refusals, 'origin' | 'unlistedProxy'>
  readonly metrics: Pick<WebSocketMetrics, 'refused'>
}

export const FOREIGN_ORIGIN = 'pages of this origin may not connect; ws_allowed_origins lists those that may'

const REFUSALS: Readonly<Record<Refusal, string>> = {
  clients: 'too many clients; try again later',
  address: 'too many clients from this address; close some, or try again later',
  rate: 'too many new clients at once; try again in a moment',
}

/** Who may come in, by whatever protocol: the address behind the proxies, the page's origin, and the bounds on clients. */
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
}

/** 503 with a random pause, so that clients refused together do not return together. */
export function tryLater(text: string): TextAnswer {
  return { status: '503 Service Unavailable', text, headers: { 'Retry-After': String(1 + Math.floor(Math.random() * 5)) } }
}
