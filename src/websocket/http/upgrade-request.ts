import type uWS from 'uWebSockets.js'
import type { ForwardingHeaders } from './client-address.ts'

/** The headers of an upgrade that we look at. Empty text for a header that is not there. */
export interface UpgradeRequest extends ForwardingHeaders {
  readonly origin: string
  readonly host: string
  readonly key: string
  /** All subprotocols that the client offers, in order. */
  readonly protocols: readonly string[]
  readonly extensions: string
}

/** Headers that may stand on several lines, which uWebSockets.js's `getHeader` does not join. */
const LISTS: ReadonlySet<string> = new Set(['x-forwarded-for', 'forwarded', 'sec-websocket-protocol'])

/** Reads the request before its handler returns: uWebSockets.js frees it then. */
export function readUpgrade(request: uWS.HttpRequest): UpgradeRequest {
  const lists: Record<string, string> = {}
  request.forEach((name, value) => {
    if (LISTS.has(name)) lists[name] = lists[name] === undefined ? value : `${lists[name]},${value}`
  })
  const offered = lists['sec-websocket-protocol'] ?? ''
  return {
    origin: request.getHeader('origin'),
    host: request.getHeader('host'),
    key: request.getHeader('sec-websocket-key'),
    protocols: offered
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== ''),
    extensions: request.getHeader('sec-websocket-extensions'),
    xForwardedFor: lists['x-forwarded-for'] ?? '',
    forwarded: lists.forwarded ?? '',
  }
}
