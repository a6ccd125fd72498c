import type { UrlRules } from '../rules/url-rules.ts'
import type { AnnouncementTopic, ValidationTopic } from '../topics.ts'

/** What a message of the dialect says, and who it claims to be from. The caller checks whether that is the signer. */
export interface PlainContent<Content> {
  readonly content: Content
  readonly claimedPeerId: string
}

/** What the own node's announcements say of the node itself. */
export interface OwnNode {
  /** Base URL under which peers can fetch the own node's data. */
  readonly dataHubUrl: string
}

/** What a record for a validation service says besides the content. */
export interface ValidationContext {
  /** The verified signer. */
  readonly peerId: string | null
  /** Id of the event that the record comes from. */
  readonly eventId: string
}

/** How the page shows a property: as text, as a height, as the host of a URL, as a number of transactions or of bytes. */
export type PageFormat = 'text' | 'height' | 'host' | 'transactions' | 'bytes'

/** What the dashboard shows of an event of this kind. `Key` is a property of the content. */
export interface PageRow<Key extends string = string> {
  /** On the tile of the kind and in a row of the feed. */
  readonly name: string
  readonly plural: string
  /** The first thing that the eye lands on. */
  readonly title: { readonly property: Key; readonly format: PageFormat } | null
  /** The rest, in this order. */
  readonly details: readonly { readonly property: Key; readonly format: PageFormat }[]
}

/**
 * All that differs between the kinds of announcements. A kind is one file beside this one and one line in ../kinds.ts;
 * CONTRIBUTING.md has the steps. `SourceValue` is the value of the in-topic that the own node's announcements come from.
 */
export interface Kind<Content, SourceValue, Key extends string = keyof Content & string> {
  /** Property of an announcement and of an event in which the content stands. */
  readonly payload: string
  /** Property of the content that names the announced block, subtree or transaction. */
  readonly hash: Key
  /** Property of the content with the base URL of the sender; null for a kind without one. */
  readonly url: Key | null
  /** Property of the content with a block header, whose proof of work is checked; null for a kind without one. */
  readonly header: Key | null
  /** A state rather than a thing: an announcement that returns to an earlier value is a new event, and one that repeats the latest is none. */
  readonly isState: boolean
  readonly source: {
    readonly topic: AnnouncementTopic
    /** Text of `type` in the records of this kind; null where the topic carries no other kind. */
    readonly type: string | null
    /** The content; undefined for an announcement that is not the own node's. Throws BadInputError for content that no node would write. */
    read(value: SourceValue, own: OwnNode): Content | undefined
  }
  readonly gossip: {
    /** The setting `p2p_<setting>_topic` names the suffix of the gossip topic. */
    readonly setting: string
    /** Suffix by default. */
    readonly suffix: string
    /** What is announced there, for the description of the setting. */
    readonly about: string
    /** Largest gossip message, in bytes. Stricter than the router's 1 MiB, because no honest one comes near. */
    readonly maxBytes: number
    /** Blocks must not wait behind a flood of rejected transactions. */
    readonly priority: 'high' | 'low'
  }
  /** The message in the dialect `plain`. */
  readonly plain: {
    /** The members of the JSON object, with Go's keys, order and escapes. `peerId` is a JSON string already. */
    encode(content: Content, peerId: string): string
    /** Throws RefusedError for a message that is malformed or breaks a rule of its fields. Hashes come out in canonical form. */
    decode(data: Uint8Array, rules: UrlRules): PlainContent<Content>
  }
  /** The topic in which foreign announcements go to a validation service; null when nobody validates them. */
  readonly validation: { readonly topic: ValidationTopic; toValue(content: Content, context: ValidationContext): object } | null
  /** Teranode's WebSocket notification: its `type`, and which property stands behind each key after hash, base_url and peer_id. Null when Teranode does not show the kind. */
  readonly teranode: { readonly type: string; readonly members: Readonly<Record<string, Key>> } | null
  readonly page: PageRow<Key>
}

/** A kind for code that treats all kinds alike and does not look into the content. */
export type AnyKind = Kind<Readonly<Record<string, unknown>>, object, string>
