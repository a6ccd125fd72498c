/** What the client uses of a WebSocket: that of browsers and of Node.js 22 has it, and that of the package `ws`. */
export interface ClientWebSocket {
  onmessage: ((event: { readonly data: unknown }) => void) | null
  onclose: ((event: { readonly code: number; readonly reason: string }) => void) | null
  onerror: ((event: unknown) => void) | null
  send(text: string): void
  close(): void
}

export type ClientWebSocketConstructor = new (url: string, protocols: string[]) => ClientWebSocket

/** The one given, or that of the platform. */
export function webSocketOf(given: ClientWebSocketConstructor | undefined): ClientWebSocketConstructor {
  const found = given ?? (globalThis as { WebSocket?: ClientWebSocketConstructor }).WebSocket
  if (found === undefined) throw new Error('there is no WebSocket here: Node.js has one from version 22 on; pass that of the package ws')
  return found
}
