/** The server's messages of `gossip-bridge.v1+json`, as text. The `event` message comes ready-made with its item. */
export const SUBPROTOCOL = 'gossip-bridge.v1+json'

/** Close codes beyond the standard's own; a client that reconnects after any of them but 4400 is right to do so. */
export const CLOSE = {
  /** Too many unsent bytes; the reason is the cursor to resume from. */
  slow: 4008,
  badMessage: 4400,
  noSubscribe: 4408,
  tooManyMessages: 4429,
  tooLong: 1009,
  restart: 1012,
  tryAgainLater: 1013,
} as const

export interface HelloFacts {
  readonly version: string
  readonly bridgeId: string
  readonly network: string
  readonly clientName: string
  /** The own gossip identity; null while there is none (no relay role). */
  readonly peerId: string | null
}

export function helloFrame(
  facts: HelloFacts,
  window: { oldest: string | null; newest: string | null; types: readonly string[]; now: number },
) {
  const { version, ...node } = facts
  const { now, ...rest } = window
  return JSON.stringify({ type: 'hello', server: `gossip-bridge/${version}`, ...node, ...rest, time: now })
}

/** `oldest` is the cursor of the first event that follows the hole, null when none is known yet. */
export function gapFrame(gap: { requested: string; oldest: string | null; reason: string }): string {
  return JSON.stringify({ type: 'gap', ...gap })
}

export function caughtUpFrame(cursor: string | null): string {
  return JSON.stringify({ type: 'caught-up', cursor })
}

/** Carries the current cursor, so that the cursor of a client with rare kinds does not age. */
export function pingFrame(cursor: string | null, now: number): string {
  return JSON.stringify({ type: 'ping', cursor, time: now })
}

export function errorFrame(message: string): string {
  return JSON.stringify({ type: 'error', message })
}
