import type { Announcement, AnnouncementType } from '../announcement.ts'
import type { GossipKind, GossipTopics } from './gossip-topics.ts'
import type { Handshake } from './handshake.ts'
import type { SeenEvent } from './teranode-notification.ts'

export interface DialectOptions {
  readonly network: string
  /** The last part of each topic's name: the settings `p2p_*_topic`. Empty: the topic is not used. */
  readonly suffixes: Readonly<Record<GossipKind, string>>
  /** Further topics of a kind. What we publish goes to all topics of its kind. */
  readonly moreSuffixes?: Readonly<Partial<Record<GossipKind, string>>>
  readonly allowPrivateUrls: boolean
  /** Hosts to which no URL of others may lead. */
  readonly blacklistedHosts?: ReadonlySet<string>
  /** `clientName`. */
  readonly clientName: string
}

/** The content of a message of any kind. */
export interface HeardContent {
  readonly announcement: Announcement | undefined
  readonly handshake: Handshake | undefined
  /** The caller checks whether that is the signer. */
  readonly claimedPeerId: string
}

/** How the nodes of a network write what they tell each other. Nothing outside of src/messages/dialects asks which dialect is on. */
export interface Dialect {
  readonly topics: GossipTopics
  /** True where the nodes are those of Teranode's message bus: they tell each other addresses, score each other, and have direct peers. */
  readonly isMessageBus: boolean
  /** The versions of schemas that its values need at least. */
  readonly schemaVersions: { readonly events?: number }
  /** Largest message that is read, in bytes. */
  maxBytes(kind: GossipKind): number
  /** Throws RefusedError for a message that is malformed or breaks a rule of its fields. */
  decode(kind: GossipKind, data: Uint8Array): HeardContent
  /** Whether a refusal for this reason is the signer's fault. */
  isScored(reason: string): boolean
  /** An own announcement; undefined if the dialect has no message for it. */
  encode(announcement: Announcement, peerId: string): Uint8Array | undefined
  /** How often a node sends this kind at most; undefined for as often as it likes. */
  sentRate(kind: AnnouncementType): { readonly perSecond: number; readonly burst: number } | undefined
  /** The rule of the receivers that an own message breaks, as a sentence with what was found. Undefined if they take it. */
  sendFault(announcement: Announcement, peerId: string): string | undefined
  /** What Teranode's WebSocket sends for an announcement; null for a kind that it does not show. */
  notification(seen: SeenEvent, ownPeerId: string): string | null
  /** What Teranode's WebSocket sends every 10 s; null for nothing. */
  ping(now: number, ownDataHubUrl: string): string | null
}

/** What other nodes would hear of us, from the settings. */
export interface OwnClaims {
  readonly dataHubUrl: string
  readonly allowPrivateUrls: boolean
}

/** A dialect before its options are known. */
export interface DialectFamily {
  /** The kinds of gossip messages that need a topic. */
  readonly kinds: readonly GossipKind[]
  /** The rule of the receivers that the own DataHub URL breaks, as the end of a sentence. Undefined if they take it. */
  urlFault(own: OwnClaims): string | undefined
  create(options: DialectOptions): Dialect
}
