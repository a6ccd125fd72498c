import type { BanChange } from '../bans/ban.ts'
import type { Announcement } from '../messages/announcement.ts'

/** The best block of a peer that is ahead of the own node: a hint from which block validation can catch up. */
export interface Sync {
  readonly hash: string
  /** What we believe: at most so much above the own tip as `max_height_lead` allows. */
  readonly height: number
  /** The height that the peer announced, if it is not `height`. */
  readonly announcedHeight?: number | null
  readonly dataHubUrl: string
}

/** Written by each instance at start, every minute and at stop: says which instance is alive, under which peer id. */
export interface InstanceState {
  readonly instanceId: string
  readonly peerId: string | null
  readonly version: string
  readonly dialect: string
  readonly state: 'live' | 'gone'
  /**
   * Names the process: two processes with one instance id are told apart by it. In the header `start-id` of the record. Undefined in
   * records of releases before it.
   */
  readonly startId?: string | undefined
}

/** What all events have. */
export interface EventBase {
  /** 32 hex characters: see event-id.ts. */
  readonly id: string
  readonly network: string
  /** The bridge that wrote it, which is the bridge of this event log. */
  readonly bridgeId: string
  /** `own`: from the own node's services or the bridge itself. `network`: received by gossip. */
  readonly origin: 'own' | 'network'
  /** The verified signer of the gossip message; null for own events, which do not need it. */
  readonly peerId: string | null
  /** Milliseconds since the epoch at which this bridge first saw it. */
  readonly receivedAt: number
}

/** One entry of the event log (`p2p-events`). The Avro schemas are schemas/avro/event.v*.avsc; property names are the same there. */
export type LogEvent = EventBase &
  (
    | Announcement
    | { readonly type: 'sync'; readonly sync: Sync }
    | { readonly type: 'ban'; readonly ban: BanChange }
    | { readonly type: 'instance'; readonly instance: InstanceState }
  )

export type EventType = LogEvent['type']

/** What an event says: its type, and the property that holds its content. */
export interface EventPayload {
  readonly type: EventType
  readonly payload: string
  readonly content: unknown
}

/** Puts an event together. The caller ensures that the content is that of the type. */
export function toEvent(
  { id, network, bridgeId, origin, peerId, receivedAt }: EventBase,
  { type, payload, content }: EventPayload,
): LogEvent {
  const event: Record<string, unknown> = { id, network, bridgeId, origin, peerId, receivedAt, type }
  event[payload] = content
  return event as unknown as LogEvent
}
