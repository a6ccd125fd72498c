import type { IncomingHttpHeaders } from 'node:http'
import { parseHostPort } from '../../addresses/host-port.ts'
import { isLoopbackAddress } from '../../addresses/ip-address.ts'
import { parseUrl } from '../../addresses/url.ts'

/** What a proxy adds to a request that it passes on. */
const PROXY_HEADERS = ['forwarded', 'via', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-real-ip']

/**
 * Whether somebody on this host asks: from a loopback address, by a loopback name, and past no proxy that says so. By name, since a
 * stranger's page can give its own name the address 127.0.0.1, and would then read what the browser of this host reads.
 */
export function isOnThisHost(headers: IncomingHttpHeaders, address: string): boolean {
  const host = parseHostPort(headers.host ?? '')?.host ?? ''
  const isLoopbackName = host === 'localhost' || host.endsWith('.localhost') || isLoopbackAddress(host)
  return isLoopbackName && isLoopbackAddress(address) && PROXY_HEADERS.every((name) => headers[name] === undefined)
}

/**
 * Whether a change comes from the bridge's own page. Browsers name the origin of the page with each change; a program, which is not led
 * by a stranger's page, names none.
 */
export function isFromOwnPage({ origin, host, 'sec-fetch-site': site }: IncomingHttpHeaders): boolean {
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return false
  if (origin === undefined) return true
  const url = parseUrl(origin)
  return url !== undefined && host !== undefined && isOriginOf(url, host)
}

/** The scheme is not compared: behind a proxy with TLS, the page has https and the listener http. */
function isOriginOf({ protocol, host: originHost }: URL, host: string): boolean {
  return /^https?:$/.test(protocol) && parseUrl(`${protocol}//${host}`)?.host === originHost
}
