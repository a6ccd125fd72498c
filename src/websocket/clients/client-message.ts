/** A client's validated subscription. Without `cursor`, `since` and `last` it starts with the next event. */
export interface Subscription {
  readonly types: ReadonlySet<string>
  /** All events after this one. If more than `last` records follow it, only the last ones. */
  readonly cursor: { readonly text: string; readonly offset: bigint } | null
  readonly last: number | null
  /** All events from this time on, in milliseconds since the epoch. */
  readonly since: number | null
}

export interface ClientMessageOptions {
  readonly types: readonly string[]
  readonly defaultTypes: readonly string[]
  readonly maxLast: number
}

/** A message that breaks the protocol. Its text is sent to the client, so it names the correct form. */
export class ClientMessageError extends Error {
  override readonly name = 'ClientMessageError'
  readonly code = 'BRIDGE_CLIENT_MESSAGE'
}

/** Returns the offset of a cursor, null when the text is not a cursor. */
export type OffsetOf = (cursor: string) => bigint | null

/** Reads the only message that clients send: `{"type":"subscribe","types":[...],"cursor":"...","last":100}`. */
export function parseClientMessage(text: string, options: ClientMessageOptions, offsetOf: OffsetOf): Subscription {
  const { type, types, cursor, since, last, ...unknown } = parseObject(text)
  if (type !== 'subscribe') throw new ClientMessageError(`type is ${shown(type)}; the only message a client sends is "subscribe"`)
  const [extra] = Object.keys(unknown)
  if (extra !== undefined) throw new ClientMessageError(`unknown property ${shown(extra)}; subscribe takes types, cursor, since and last`)
  if (isGiven(cursor) && isGiven(since)) throw new ClientMessageError('a subscription has a cursor or since, not both')
  return {
    types: checkTypes(types, options),
    cursor: checkCursor(cursor, offsetOf),
    since: checkSince(since),
    last: checkLast(last, options.maxLast),
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
  if (cursor === undefined || cursor === null) return null
  const offset = typeof cursor === 'string' ? offsetOf(cursor) : null
  if (typeof cursor !== 'string' || offset === null) {
    throw new ClientMessageError(`cursor is ${shown(cursor)}; it must be one that this server gave, like "v1.1234.0a1b2c3d"`)
  }
  return { text: cursor, offset }
}

/** The latest time that JavaScript's Date has. */
const LATEST_MS = 8.64e15

function checkSince(since: unknown): number | null {
  if (!isGiven(since)) return null
  const ms = typeof since === 'string' && /^\d{4}-\d\d-\d\dT/.test(since) ? Date.parse(since) : since
  if (typeof ms === 'number' && Number.isSafeInteger(ms) && ms >= 0 && ms <= LATEST_MS) return ms
  throw new ClientMessageError(`since is ${shown(since)}; it must be milliseconds since the epoch, or a time like "2026-01-31T09:00:00Z"`)
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null
}

function checkLast(last: unknown, maxLast: number): number | null {
  if (last === undefined || last === null) return null
  if (typeof last === 'number' && Number.isSafeInteger(last) && last >= 0 && last <= maxLast) return last
  throw new ClientMessageError(`last is ${shown(last)}; it must be a whole number from 0 to ${maxLast}`)
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'missing'
  return text.length > 80 ? `${text.slice(0, 80)}...` : text
}
