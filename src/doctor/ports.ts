/** What a cluster shows to a client that changes nothing. */
export interface ClusterFacts {
  /** The brokers as the cluster advertises them. `fault`: why this host cannot work with one of them. */
  readonly brokers: readonly { readonly nodeId: number; readonly address: string; readonly fault: string | undefined }[]
  /** The newest version of Fetch that all brokers speak: it tells their release. */
  readonly fetchVersion: number
  readonly topics: readonly TopicRightsFacts[]
  readonly groups: readonly GroupRightsFacts[]
  /** The longest pause, in ms, that a quota demanded of any of the requests. */
  readonly throttledMs: number
}

export interface TopicRightsFacts {
  readonly topic: string
  readonly state: 'exists' | 'missing' | 'hidden'
  /** Kafka's names of the allowed operations. Undefined when the brokers do not say. */
  readonly operations: readonly string[] | undefined
}

export interface GroupRightsFacts {
  readonly group: string
  readonly isHidden: boolean
  /** Undefined when the brokers do not say, for example because nobody has ever used a group on this cluster. */
  readonly operations: readonly string[] | undefined
}

/** What a database shows to a connection that changes nothing. */
export interface DatabaseFacts {
  /** Such as `17.2`. */
  readonly serverVersion: string
  readonly user: string
  readonly database: string
  readonly isTls: boolean
  readonly isReadOnly: boolean
  /** The server's time minus ours, in ms, by the middle of the round trip. */
  readonly aheadMs: number
  readonly roundTripMs: number
  /** Migrations of this version that were not applied yet. */
  readonly missingMigrations: readonly string[]
  readonly mayMigrate: boolean
  /** `table: privilege` for each privilege that is missing. */
  readonly missingPrivileges: readonly string[]
  readonly connections: { readonly used: number; readonly most: number }
  /** Share of the queue of notifications that is used, 0 to 1. */
  readonly notificationQueue: number
  /** False behind a pooler that gives each transaction another connection of the server. */
  readonly keepsSession: boolean
}

/** What a peer answered. */
export type PeerAnswer = { readonly kind: 'connected'; readonly agent: string; readonly speaksGossip: boolean } | FailedAnswer

/**
 * `private-network`: it has a shared key, and we have none. `public-network`: the reverse. `no-handshake`: it ended the connection. `text`:
 * it speaks another protocol. `mute`: it took the connection and said nothing.
 */
export interface FailedAnswer {
  readonly kind: 'wrong-peer' | 'private-network' | 'public-network' | 'no-handshake' | 'text' | 'mute'
  readonly detail: string
}
