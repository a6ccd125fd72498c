import type uWS from 'uWebSockets.js'
import type { ForwardingHeaders } from './client-address.ts'

/** The headers that every request is judged by. Empty text for a header that is not there. */
export interface AskedHeaders extends ForwardingHeaders {
  readonly origin: string
  readonly host: string
  readonly authorization: string
}

/**
 * Headers that may stand on several lines, of which uWebSockets.js's `getHeader` gives the first. Host and Origin must not, and joined they
 * are no origin that is allowed.
 */
const LISTS: ReadonlySet<string> = new Set(['x-forwarded-for', 'forwarded', 'sec-websocket-protocol', 'upgrade', 'origin', 'host'])

/** The values of all lines of these headers, in order, joined by commas. */
export function listHeaders(request: uWS.HttpRequest): Readonly<Record<string, string>> {
  const lists: Record<string, string> = {}
  request.forEach((name, value) => {
    if (LISTS.has(name)) lists[name] = lists[name] === undefined ? value : `${lists[name]},${value}`
  })
  return lists
}

/** Reads the request before its handler returns: uWebSockets.js frees it then. */
export function askedHeaders(request: uWS.HttpRequest, lists = listHeaders(request)): AskedHeaders {
  return {
    origin: lists.origin ?? '',
    host: lists.host ?? '',
    authorization: request.getHeader('authorization'),
    xForwardedFor: lists['x-forwarded-for'] ?? '',
    forwarded: lists.forwarded ?? '',
  }
}
