import { EVENT_KINDS, eventContent } from '../events/entries/event-kinds.ts'
import type { EventType, LogEvent } from '../events/event.ts'
import type { EventEntry } from '../events/reading/read-events.ts'

/** One event as browsers get it, serialised once for all clients. */
export interface FeedItem {
  readonly offset: bigint
  readonly cursor: string
  readonly id: string
  readonly type: EventType
  /** The text of the `event` message of `gossip-bridge.v1+json`. */
  readonly frame: string
  /** Teranode's notification object as text, for the kinds that Teranode shows. */
  readonly teranode: string | null
  /** What filters look at. */
  readonly facts: {
    readonly peerId: string | null
    readonly origin: 'own' | 'network'
    readonly height: number | null
    readonly hash: string | null
  }
}

export interface LogToBrowsersDeps {
  formatCursor(offset: bigint, id: string): string
  /** Teranode's object for a block, subtree or mining-on; null for everything else. */
  teranodeNotification(event: LogEvent): string | null
}

/** Converts an event of the event log to the texts that every browser receives. */
export function logToBrowsers({ formatCursor, teranodeNotification }: LogToBrowsersDeps): (entry: EventEntry) => FeedItem {
  return ({ event, offset, timestamp }) => {
    const cursor = formatCursor(offset, event.id)
    // All events of an event log have the same network and bridge, so only `hello` carries them.
    const { id, network: _network, bridgeId: _bridgeId, ...said } = event
    const data = { ...said, loggedAt: timestamp }
    return {
      offset,
      cursor,
      id,
      type: event.type,
      frame: jsonText({ type: 'event', id, cursor, data }),
      teranode: teranodeNotification(event),
      facts: factsOf(event),
    }
  }
}

function factsOf(event: LogEvent): FeedItem['facts'] {
  const kind = EVENT_KINDS[event.type]
  const content = eventContent(event)
  const hash = kind.hash === null ? null : content[kind.hash]
  const height = kind.height === null ? null : content[kind.height]
  return {
    peerId: event.peerId,
    origin: event.origin,
    height: typeof height === 'number' ? height : null,
    hash: typeof hash === 'string' ? hash : null,
  }
}

/** JSON with bigint as JSON integer, which JSON.stringify refuses to write. Null and undefined properties are omitted. */
function jsonText(value: unknown): string {
  if (typeof value === 'bigint') return value.toString()
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return JSON.stringify(value)
  const properties: string[] = []
  for (const [name, property] of Object.entries(value)) {
    if (property !== null && property !== undefined) properties.push(`${JSON.stringify(name)}:${jsonText(property)}`)
  }
  return `{${properties.join(',')}}`
}
