/** Before the token in the name of a subprotocol: what a browser can send with a WebSocket. */
export const TOKEN_PROTOCOL = 'bearer.'
/** The query parameter with the token (RFC 6750, 2.3): what a browser can send with an EventSource. */
export const TOKEN_PARAMETER = 'access_token'

export interface TokenPlaces {
  /** The header; empty without one. */
  readonly authorization: string
  /** The query, without the question mark; empty without one. */
  readonly query: string
  readonly protocols?: readonly string[]
}

/** The token of a request, from the first place that has one: header, subprotocol, query. Empty without one. */
export function tokenInRequest({ authorization, query, protocols = [] }: TokenPlaces): string {
  const bearer = /^Bearer +(\S+) *$/i.exec(authorization)?.[1]
  if (bearer !== undefined) return bearer
  const protocol = protocols.find((name) => name.startsWith(TOKEN_PROTOCOL))
  if (protocol !== undefined) return protocol.slice(TOKEN_PROTOCOL.length)
  return query.includes(TOKEN_PARAMETER) ? (new URLSearchParams(query).get(TOKEN_PARAMETER) ?? '') : ''
}
