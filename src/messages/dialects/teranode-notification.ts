import { ANNOUNCEMENT_TYPES, type Announcement, contentOf, kindOf } from '../announcement.ts'
import { goString } from './go-json.ts'

/** The part of an event that matters here. */
export type SeenEvent = Announcement & {
  /** Null for the own node's. */
  readonly peerId: string | null
  readonly receivedAt: number
}

/** For each kind that Teranode shows: its `type`, and the keys after hash, base_url and peer_id with their source properties. */
const SHOWN = new Map(
  ANNOUNCEMENT_TYPES.flatMap((type) => {
    const { teranode } = kindOf(type)
    return teranode ? [[type, { type: teranode.type, members: Object.entries(teranode.members) }]] : []
  }),
)

/**
 * The JSON that Teranode's WebSocket sends for an announcement: its keys in its order, empty ones omitted, times in whole
 * seconds. Null for kinds that Teranode does not show. The own node's announcements carry `ownPeerId`.
 */
export function teranodeNotification(seen: SeenEvent, ownPeerId: string): string | null {
  const shown = SHOWN.get(seen.type)
  if (!shown) return null
  const { hash, url } = kindOf(seen.type)
  const content = contentOf(seen)
  const first = [member('hash', content[hash]), member('base_url', url && content[url]), member('peer_id', seen.peerId ?? ownPeerId)]
  const rest = shown.members.map(([key, property]) => member(key, content[property]))
  return notification(seen.receivedAt, shown.type, [...first, ...rest])
}

/** The application ping that Teranode sends every 10 seconds. */
export function teranodePing(now: number, ownDataHubUrl: string): string {
  return notification(now, 'PING', [text('base_url', ownDataHubUrl)])
}

function notification(at: number, type: string, members: string[]): string {
  const timestamp = `${new Date(at).toISOString().slice(0, 19)}Z`
  return `{"timestamp":"${timestamp}","type":"${type}"${members.join('')}}`
}

function member(key: string, value: unknown): string {
  return typeof value === 'string' ? text(key, value) : count(key, value)
}

function text(key: string, value: string): string {
  return value === '' ? '' : `,"${key}":${goString(value)}`
}

function count(key: string, value: unknown): string {
  return Number(value) === 0 ? '' : `,"${key}":${value}`
}
