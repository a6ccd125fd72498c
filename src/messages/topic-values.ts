import type { BlockAnnouncementValue } from './kinds/block.ts'
import type { NotificationValue } from './kinds/notification.ts'
import type { RejectedTxValue } from './kinds/rejected-tx.ts'
import type { SubtreeAnnouncementValue } from './kinds/subtree.ts'

export interface InvalidBlockValue {
  readonly blockHash: string
  readonly reason: string
  readonly peerUrl: string | null
  readonly peerId?: string | null
}

export interface InvalidSubtreeValue {
  readonly subtreeHash: string
  readonly peerUrl: string | null
  readonly reason: string
  readonly peerId?: string | null
}

/** In-topic `ban-commands`. Times are milliseconds since the epoch. */
export interface BanCommandValue {
  readonly action: string
  readonly key: string
  readonly until: number | null
  readonly durationSeconds: number | null
  readonly permanent: boolean
  readonly reason: string
}

/**
 * An encoded entry of the event log: `type` says which of the nullable records is filled.
 * src/events/entries/event-record.ts converts it to a LogEvent.
 */
export interface EventValue {
  readonly id: string
  readonly network: string
  readonly bridgeId: string
  readonly origin: string
  readonly peerId: string | null
  readonly receivedAt: number
  readonly type: string
}

/** Out-topic `p2p-bans`, compacted. Times are milliseconds since the epoch; `until` null is permanent. */
export interface BanValue {
  readonly key: string
  readonly until: number | null
  readonly reason: string
  readonly since: number
  readonly cause: string
}

/** The value in the records of each role. The schemas in schemas/avro have the same properties. A missing role is a compile error. */
export interface TopicValues {
  readonly notifications: NotificationValue
  readonly rejectedTx: RejectedTxValue
  readonly invalidBlocks: InvalidBlockValue
  readonly invalidSubtrees: InvalidSubtreeValue
  readonly banCommands: BanCommandValue
  readonly events: EventValue
  readonly blocks: BlockAnnouncementValue
  readonly subtrees: SubtreeAnnouncementValue
  readonly bans: BanValue
}
