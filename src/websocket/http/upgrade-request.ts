import type uWS from 'uWebSockets.js'
import { type AskedHeaders, askedHeaders, listHeaders } from './asked-headers.ts'

/** The headers of an upgrade that we look at. Empty text for a header that is not there. */
export interface UpgradeRequest extends AskedHeaders {
  readonly key: string
  /** Whether it asks for a WebSocket of the version that there is: uWebSockets.js looks at neither. */
  readonly isWebSocket: boolean
  /** All subprotocols that the client offers, in order. */
  readonly protocols: readonly string[]
  readonly extensions: string
  /** Without the question mark. */
  readonly query: string
}

/** RFC 6455, 4.2.1. */
function isWebSocket(upgrade: string, version: string): boolean {
  return version.trim() === '13' && upgrade.split(',').some((name) => name.trim().toLowerCase() === 'websocket')
}

/** Reads the request before its handler returns: uWebSockets.js frees it then. */
export function readUpgrade(request: uWS.HttpRequest): UpgradeRequest {
  const lists = listHeaders(request)
  const offered = lists['sec-websocket-protocol'] ?? ''
  return {
    ...askedHeaders(request, lists),
    key: request.getHeader('sec-websocket-key'),
    isWebSocket: isWebSocket(lists.upgrade ?? '', request.getHeader('sec-websocket-version')),
    protocols: offered
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== ''),
    extensions: request.getHeader('sec-websocket-extensions'),
    query: request.getQuery() ?? '',
  }
}
