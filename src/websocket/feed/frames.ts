/** The server's messages of `gossip-bridge.v1+json`, as text. The `event` message is part of its item. */
export const SUBPROTOCOL = 'gossip-bridge.v1+json'

/** Close codes. A client should reconnect after any of them but 4400, and after 4401 with another token. */
export const CLOSE = {
  /** Too many unsent bytes; the reason is the cursor to resume from. */
  slow: 4008,
  badMessage: 4400,
  /** Its token has expired. */
  unauthorized: 4401,
  noSubscribe: 4408,
  tooManyMessages: 4429,
  tooLong: 1009,
  restart: 1012,
  tryAgainLater: 1013,
} as const

export interface HelloFacts {
  /** The name of this process. */
  readonly instance: string
  readonly version: string
  readonly bridgeId: string
  readonly network: string
  readonly clientName: string
  /** The process's own gossip identity; null without the relay role. */
  readonly peerId: string | null
}

/** What a client may do: see limits.ts. */
export interface HelloLimits {
  readonly last: number
  readonly messageBytes: number
  readonly messagesPerSecond: number
  readonly unsentBytes: number
}

/** `oldest` and `newest` are undefined, and left out, while they are not known; null says that there is no event. */
export function helloFrame(
  facts: HelloFacts,
  window: {
    oldest: string | null | undefined
    newest: string | null | undefined
    types: readonly string[]
    limits: HelloLimits
    now: number
  },
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

export type ErrorCode = 'bad-message' | 'no-subscribe' | 'too-many-filters'

/** `message` says what is wrong and what to do. */
export function errorFrame(code: ErrorCode, message: string): string {
  return JSON.stringify({ type: 'error', code, message })
}

/** The subscription as it was understood. */
export function subscribedFrame({ types, filter, batchMs }: { types: ReadonlySet<string>; filter: unknown; batchMs: number }): string {
  return JSON.stringify({ type: 'subscribed', types: [...types], filter, batch_ms: batchMs })
}

/** `cursor` is that of the last event of the stream: a later subscription can go on from there. */
export function unsubscribedFrame(cursor: string | null): string {
  return JSON.stringify({ type: 'unsubscribed', cursor })
}
