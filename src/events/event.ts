import type { BanChange } from '../bans/ban.ts'
import type { Announcement } from '../messages/announcement.ts'

/** A peer that is ahead of the own node: its best block, as a hint for block validation to catch up from. */
export interface Sync {
  readonly hash: string
  readonly height: number
  readonly dataHubUrl: string
}

/** Written by each instance at start, each minute and when it stops: who lives, under which peer id. */
export interface InstanceState {
  readonly instanceId: string
  readonly peerId: string | null
  readonly version: string
  readonly dialect: string
  readonly state: 'live' | 'gone'
}

interface EventBase {
  /** 32 hex characters: see event-id.ts. */
  readonly id: string
  readonly network: string
  /** The bridge that wrote it, which is the bridge whose log it is. */
  readonly bridgeId: string
  /** `own`: from the own node's services or the bridge itself. `network`: heard by gossip. */
  readonly origin: 'own' | 'network'
  /** The verified signer of what was heard; the own peer id is not needed for own events and is null. */
  readonly peerId: string | null
  /** Milliseconds since the epoch at which this bridge first saw it. */
  readonly receivedAt: number
}

/** One entry of the log (`p2p-events`). The Avro schemas are schemas/avro/event.v*.avsc; property names are the same there. */
export type LogEvent = EventBase &
  (
    | Announcement
    | { readonly type: 'sync'; readonly sync: Sync }
    | { readonly type: 'ban'; readonly ban: BanChange }
    | { readonly type: 'instance'; readonly instance: InstanceState }
  )

export type EventType = LogEvent['type']
