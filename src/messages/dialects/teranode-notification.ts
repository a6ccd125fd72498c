import { type Announcement, contentOf, kindOf } from '../announcement.ts'
import { goString } from './go-json.ts'

/** The part of an event that matters here. */
export type SeenEvent = Announcement & {
  /** Null for the own node's. */
  readonly peerId: string | null
  readonly receivedAt: number
}

/** Keys whose value is JSON already. */
const JSON_KEYS: ReadonlySet<string> = new Set(['fee_policy'])
/** Keys whose zero has a meaning: only null is omitted. */
const MEANT_ZEROS: ReadonlySet<string> = new Set(['min_mining_tx_fee'])

/**
 * The JSON that Teranode's WebSocket sends for an announcement: its keys in its order, empty ones omitted, times in whole
 * seconds. Null for kinds that Teranode does not show. The own node's announcements carry `ownPeerId`.
 */
export function teranodeNotification(seen: SeenEvent, ownPeerId: string): string | null {
  const { teranode, plain } = kindOf(seen.type)
  if (!teranode || !plain) return null
  const { type, members } = teranode
  const content = contentOf(seen)
  const { hash, base_url, ...others } = members
  const first = [
    member('hash', hash && content[hash]),
    member('base_url', base_url && content[base_url]),
    member('peer_id', seen.peerId ?? ownPeerId),
  ]
  const rest = Object.entries(others).map(([key, property]) => member(key, content[property]))
  return notification(seen.receivedAt, type, [...first, ...rest])
}

/** The application ping that older nodes send every 10 seconds. */
export function teranodePing(now: number, ownDataHubUrl: string): string {
  return notification(now, 'PING', [member('base_url', ownDataHubUrl)])
}

/** The last second of RFC 3339, in which readers parse the time. A record in the event log may hold any number. */
const LATEST_MS = Date.UTC(9999, 11, 31, 23, 59, 59)

export function notification(at: number, type: string, members: readonly string[]): string {
  const timestamp = `${new Date(Math.min(Math.max(at, 0), LATEST_MS)).toISOString().slice(0, 19)}Z`
  return `{"timestamp":"${timestamp}","type":"${type}"${members.join('')}}`
}

/** One key with its value, after a comma; nothing for an empty value. */
export function member(key: string, value: unknown): string {
  if (value === null || value === undefined || value === '') return ''
  if (typeof value === 'string') return `,"${key}":${JSON_KEYS.has(key) ? value : goString(value)}`
  return Number(value) === 0 && !MEANT_ZEROS.has(key) ? '' : `,"${key}":${value}`
}
