import type { UrlRules } from '../rules/url-rules.ts'
import type { AnnouncementTopic, ValidationTopic } from '../topics.ts'

/** The content of a message, and the peer id it claims to come from. The caller checks whether that is the signer. */
export interface Heard<Content> {
  readonly content: Content
  readonly claimedPeerId: string
}

/** Who sends a message, each as a JSON string with its quotes. */
export interface JsonSender {
  readonly peerId: string
  readonly clientName: string
}

/** The message of a kind in one dialect: a JSON object. */
export interface WireForm<Content> {
  /** Largest object that is read, in bytes. Stricter than the router's 1 MiB, because no honest message comes near that. */
  readonly maxBytes: number
  /** Largest object that is sent, in bytes: the smallest bound that any version of the network's nodes reads. */
  readonly maxSentBytes: number
  /** How often a node of this network sends it at most. */
  readonly sentRate?: { readonly perSecond: number; readonly burst: number }
  /** The members of the object, with Go's keys, order and escapes. */
  encode(content: Content, sender: JsonSender): string
  /** Throws RefusedError for a message that is malformed or breaks a rule of its fields. Returns hashes in canonical form. */
  decode(data: Uint8Array, rules: UrlRules): Heard<Content>
}

/** The parts of the own node's announcements that describe the node itself. */
export interface OwnNode {
  /** Base URL under which peers can fetch the own node's data. */
  readonly dataHubUrl: string
  /** `clientName`. */
  readonly clientName: string
}

/** The fields of a record for a validation service besides the content. */
export interface ValidationContext {
  /** The verified signer. */
  readonly peerId: string | null
  /** Id of the event behind the record. */
  readonly eventId: string
}

/** How the page shows a property: as text, as a height, as the host of a URL, as a number of transactions or of bytes. */
export type PageFormat = 'text' | 'height' | 'host' | 'transactions' | 'bytes'

/** How the dashboard shows an event of this kind. `Key` is a property of the content. */
export interface PageRow<Key extends string = string> {
  /** Shown on the tile of the kind and in a row of the feed. */
  readonly name: string
  readonly plural: string
  /** The most prominent property. */
  readonly title: { readonly property: Key; readonly format: PageFormat } | null
  /** The other properties, in this order. */
  readonly details: readonly { readonly property: Key; readonly format: PageFormat }[]
}

/**
 * Everything that differs between the kinds of announcements. A kind is one file beside this one and one line in ../kinds.ts;
 * CONTRIBUTING.md has the steps. `SourceValue` is the value of the in-topic with the own node's announcements.
 */
export interface Kind<Content, SourceValue, Key extends string = keyof Content & string> {
  /** Property of an announcement and of an event that holds the content. */
  readonly payload: string
  /** Property of the content that names the announced block, subtree or transaction. */
  readonly hash: Key
  /** Property of the content with the sender's base URL. Null for a kind without one. */
  readonly url: Key | null
  /** Property of the content with a height that nobody can check. Null for a kind without one. */
  readonly height: Key | null
  /** Property of the content with a block header, whose proof of work is checked. Null for a kind without one. */
  readonly header: Key | null
  /**
   * For a kind that announces a state: the state. An announcement that returns to an earlier state is a new event, and one that repeats
   * the latest is not. Null for other kinds.
   */
  readonly stateOf: ((content: Content) => string) | null
  /** Null for a kind that the bridge itself creates. */
  readonly source: {
    readonly topic: AnnouncementTopic
    /** Text of `type` in the records of this kind. Null if the topic carries no other kind. */
    readonly type: string | null
    /** The content, or undefined for another node's announcement. Throws BadInputError for content that no node would write. */
    read(value: SourceValue, own: OwnNode): Content | undefined
  } | null
  readonly gossip: {
    /** The setting `p2p_<setting>_topic` names the suffix of the gossip topic. */
    readonly setting: string
    /** Default suffix. */
    readonly suffix: string
    /** The content of the gossip topic, for the description of the setting. */
    readonly about: string
    /** Exists so that blocks do not wait behind a flood of rejected transactions. */
    readonly priority: 'high' | 'low'
    /** How often one signer may send it, for a kind that a node sends at its own pace. */
    readonly signerRate?: { readonly perSecond: number; readonly burst: number }
  }
  /** The message in the dialect `plain`; null if that dialect has none. */
  readonly plain: WireForm<Content> | null
  /** The same in the dialect `envelope`: the inner JSON. */
  readonly envelope: WireForm<Content> | null
  /** The topic that carries foreign announcements to a validation service. Null if nobody validates them. */
  readonly validation: { readonly topic: ValidationTopic; toValue(content: Content, context: ValidationContext): object } | null
  /** Teranode's WebSocket notification: its `type`, and the property for each key but `base_url` and `peer_id`. Null if not shown. */
  readonly teranode: { readonly type: string; readonly members: Readonly<Record<string, Key>> } | null
  readonly page: PageRow<Key>
}

/** A kind, for code that treats all kinds alike and ignores the content. */
export type AnyKind = Kind<Readonly<Record<string, unknown>>, object, string>
