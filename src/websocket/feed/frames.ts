/** The server's messages of `gossip-bridge.v1+json`, as text. The `event` message is part of its item. */
export const SUBPROTOCOL = 'gossip-bridge.v1+json'

/** Close codes. A client should reconnect after any of them but 4400. */
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
  /** The process's own gossip identity; null without the relay role. */
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

export interface GapFacts {
  /** The cursor of the last event before the gap; null for a client that has had none. */
  readonly requested: string | null
  /** The cursor of the first event after the gap; null when none is known yet. */
  readonly oldest: string | null
  readonly reason: string
  /** Upper bound on the events missed: the offsets between. Absent when it is not known. */
  readonly missed?: number
}

export function gapFrame(gap: GapFacts): string {
  return JSON.stringify({ type: 'gap', ...gap })
}

export function caughtUpFrame(cursor: string | null): string {
  return JSON.stringify({ type: 'caught-up', cursor })
}

/** Contains the current cursor, so that the cursor of a client with rare kinds does not expire. */
export function pingFrame(cursor: string | null, now: number): string {
  return JSON.stringify({ type: 'ping', cursor, time: now })
}

export function errorFrame(message: string): string {
  return JSON.stringify({ type: 'error', message })
}
