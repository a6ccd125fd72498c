import type { Block, MiningOn, RejectedTx, Subtree } from './announcement.ts'

/** What the bridge uses a topic for. Names of topics are settings; roles are fixed. */
export const TOPIC_ROLES = [
  'notifications',
  'rejectedTx',
  'invalidBlocks',
  'invalidSubtrees',
  'banCommands',
  'events',
  'blocks',
  'subtrees',
  'bans',
  'deadLetters',
] as const
export type TopicRole = (typeof TOPIC_ROLES)[number]

/** Dead letters carry somebody else's bytes as they were, so they have no schema and no encoding. */
export type ValueRole = Exclude<TopicRole, 'deadLetters'>
export const VALUE_ROLES: readonly ValueRole[] = TOPIC_ROLES.filter((role) => role !== 'deadLetters')

/** In-topic `blockchain-notifications`. `type` is Block, Subtree or MiningOn in what is understood. */
export interface NotificationValue {
  readonly type: string
  readonly hash: string
  readonly height: number | null
  readonly header: string | null
  readonly previousHash: string | null
  readonly miner: string | null
  readonly sizeInBytes: bigint | null
  readonly txCount: bigint | null
}

/** In-topic `rejectedtx`. A null or empty `peerId` is the own validator. */
export interface RejectedTxValue {
  readonly txHash: string
  readonly reason: string
  readonly peerId: string | null
}

export interface InvalidBlockValue {
  readonly blockHash: string
  readonly reason: string
  readonly peerUrl: string | null
}

export interface InvalidSubtreeValue {
  readonly subtreeHash: string
  readonly peerUrl: string | null
  readonly reason: string
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

/** An entry of the log as it travels: `type` says which of the nullable parts is filled. src/events/entries/event-record.ts makes a LogEvent of it. */
export interface EventValue {
  readonly id: string
  readonly network: string
  readonly bridgeId: string
  readonly origin: string
  readonly peerId: string | null
  readonly receivedAt: number
  readonly type: string
  readonly block?: Block | null
  readonly subtree?: Subtree | null
  readonly miningOn?: MiningOn | null
  readonly rejectedTx?: RejectedTx | null
  readonly sync?: object | null
  readonly ban?: object | null
  readonly instance?: object | null
}

export interface BlockAnnouncementValue {
  readonly hash: string
  readonly url: string
  readonly peerId: string | null
  readonly height: number | null
  readonly header: string | null
  readonly eventId: string
}

export interface SubtreeAnnouncementValue {
  readonly hash: string
  readonly url: string
  readonly peerId: string | null
  readonly eventId: string
}

/** Out-topic `p2p-bans`, compacted. Times are milliseconds since the epoch; `until` null is permanent. */
export interface BanValue {
  readonly key: string
  readonly until: number | null
  readonly reason: string
  readonly since: number
  readonly cause: string
}

/** The value that a record of each role carries; the schemas in schemas/avro have the same properties. */
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
