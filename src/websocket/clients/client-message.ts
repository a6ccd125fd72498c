import { timeOfText } from '../../lifecycle/time-text.ts'
import type { EventFilter } from '../feed/filter.ts'
import { parseFilter } from './filter-message.ts'
import { ClientMessageError, shown } from './message-error.ts'

/** A client's validated subscription. Without `cursor`, `since` and `last` it starts with the next event. */
export interface Subscription {
  readonly types: ReadonlySet<string>
  /** Which events of these types; null for all. */
  readonly filter: EventFilter | null
  /** All events after this one. If more than `last` records follow it, only the last ones. */
  readonly cursor: { readonly text: string; readonly offset: bigint } | null
  /** All events from this time on, in milliseconds since the epoch. */
  readonly since: number | null
  /** At most the last so many events of these types; the filter applies to them. */
  readonly last: number | null
  /** Above 0, events come as arrays, at most so many milliseconds late. */
  readonly batchMs: number
}

/** What a client may say. `pong` answers nothing and costs nothing: it is for clients whose library cannot answer pings. */
export type ClientMessage =
  | { readonly type: 'subscribe'; readonly subscription: Subscription }
  | { readonly type: 'unsubscribe' }
  | { readonly type: 'pong' }

export interface ClientMessageOptions {
  readonly types: readonly string[]
  readonly defaultTypes: readonly string[]
  readonly maxLast: number
}

/** Returns the offset of a cursor, null when the text is not a cursor. */
export type OffsetOf = (cursor: string) => bigint | null

/** The largest `batch_ms`. */
export const MAX_BATCH_MS = 10_000
/** The latest time that JavaScript's Date has. */
export const LATEST_MS = 8.64e15
/** Now in seconds, and for long; as milliseconds a time in 1970, at which nothing was announced. */
export const SECONDS = { from: 1e9, to: 1e10 }

/** Reads a message of a client: `{"type":"subscribe","types":[...],"cursor":"...","last":100}`, `unsubscribe` or `pong`. */
export function parseClientMessage(text: string, options: ClientMessageOptions, offsetOf: OffsetOf): ClientMessage {
  const { type, ...rest } = parseObject(text)
  if (type === 'subscribe') return { type, subscription: parseSubscription(rest, options, offsetOf) }
  if (type !== 'unsubscribe' && type !== 'pong') {
    throw new ClientMessageError(`type is ${shown(type)}; a client sends "subscribe", "unsubscribe" and "pong"`)
  }
  return { type }
}

/** The properties of `subscribe`. Throws a ClientMessageError. */
export function parseSubscription(message: Record<string, unknown>, options: ClientMessageOptions, offsetOf: OffsetOf): Subscription {
  const { types, filter, cursor, since, last, batch_ms: batchMs, ...unknown } = message
  const [extra] = Object.keys(unknown)
  if (extra !== undefined) {
    throw new ClientMessageError(`unknown property ${shown(extra)}; subscribe takes types, filter, cursor, since, last and batch_ms`)
  }
  if (isGiven(cursor) && isGiven(since)) throw new ClientMessageError('a subscription has a cursor or since, not both')
  return {
    types: checkTypes(types, options),
    filter: parseFilter(filter),
    cursor: checkCursor(cursor, offsetOf),
    since: checkSince(since),
    last: checkNumber('last', last, options.maxLast),
    batchMs: checkNumber('batch_ms', batchMs, MAX_BATCH_MS) ?? 0,
  }
}

function parseObject(text: string): Record<string, unknown> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new ClientMessageError('the message is not JSON', { cause })
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new ClientMessageError('the message is not a JSON object')
  return { ...value }
}

function checkTypes(types: unknown, options: ClientMessageOptions): ReadonlySet<string> {
  if (types === undefined || types === null) return new Set(options.defaultTypes)
  if (!Array.isArray(types) || types.length === 0) throw new ClientMessageError('types must be a list of at least one type')
  const wrong: unknown = types.find((type) => !options.types.includes(type))
  if (wrong !== undefined) throw new ClientMessageError(`unknown type ${shown(wrong)}; there are ${options.types.join(', ')}`)
  return new Set(types)
}

function checkCursor(cursor: unknown, offsetOf: OffsetOf): Subscription['cursor'] {
  if (!isGiven(cursor)) return null
  const offset = typeof cursor === 'string' ? offsetOf(cursor) : null
  if (typeof cursor !== 'string' || offset === null) {
    throw new ClientMessageError(`cursor is ${shown(cursor)}; it must be one that this server gave, like "v1.1234.0a1b2c3d"`)
  }
  return { text: cursor, offset }
}

function checkSince(since: unknown): number | null {
  if (!isGiven(since)) return null
  const ms = typeof since === 'string' ? timeOfText(since) : since
  if (typeof since === 'number' && since >= SECONDS.from && since < SECONDS.to) {
    throw new ClientMessageError(
      `since is ${since}, which looks like seconds; it must be milliseconds since the epoch, like ${since * 1000}`,
    )
  }
  if (typeof ms === 'number' && Number.isSafeInteger(ms) && ms >= 0 && ms <= LATEST_MS) return ms
  throw new ClientMessageError(
    `since is ${shown(since)}; it must be milliseconds since the epoch, or a date, or a time with its zone, like "2026-01-31T09:00:00Z"`,
  )
}

function checkNumber(name: string, value: unknown, most: number): number | null {
  if (!isGiven(value)) return null
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value <= most) return value
  throw new ClientMessageError(`${name} is ${shown(value)}; it must be a whole number from 0 to ${most}`)
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null
}
