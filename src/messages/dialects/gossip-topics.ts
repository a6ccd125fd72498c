import type { AnnouncementType } from '../announcement.ts'

/** The kinds of gossip messages: announcements, the handshake of two nodes, and the request for the best block. */
export type GossipKind = AnnouncementType | 'handshake' | 'best-block'

export interface GossipTopicsOptions {
  /** The first part of each topic's name. */
  readonly prefix: string
  /** The kinds that have messages. */
  readonly kinds: readonly GossipKind[]
  /** The last part of each topic's name. Empty: the topic is not used. */
  readonly suffixes: Readonly<Record<GossipKind, string>>
  /** A second topic of a kind. */
  readonly moreSuffixes?: Readonly<Partial<Record<GossipKind, string>>>
}

export interface GossipTopics {
  /** The topic of each kind. Empty for a topic that is not used. */
  readonly nameOf: Readonly<Record<GossipKind, string>>
  /** All topics of each kind. */
  readonly namesOf: Readonly<Record<GossipKind, readonly string[]>>
  /** The names of the topics that are used. */
  readonly names: readonly string[]
  kindOf(topic: string): GossipKind | undefined
}

/** The prefix of all topics of a network in the dialect `plain`, which handshakes carry too. */
export function plainTopicPrefix(network: string): string {
  return `bitcoin/${network}`
}

/** Names of the gossip topics: `<prefix>-<suffix>`. */
export function gossipTopics({ prefix, kinds, suffixes, moreSuffixes = {} }: GossipTopicsOptions): GossipTopics {
  const entries = (Object.keys(suffixes) as GossipKind[]).map((kind) => {
    const ofKind = kinds.includes(kind) ? [suffixes[kind], moreSuffixes[kind] ?? ''] : []
    return [kind, ofKind.filter((suffix) => suffix !== '').map((suffix) => `${prefix}-${suffix}`)] as const
  })
  const kindsByTopic = new Map<string, GossipKind>(entries.flatMap(([kind, names]) => names.map((name) => [name, kind] as const)))
  return {
    nameOf: Object.fromEntries(entries.map(([kind, [name = '']]) => [kind, name])) as Record<GossipKind, string>,
    namesOf: Object.fromEntries(entries) as unknown as Record<GossipKind, readonly string[]>,
    names: [...kindsByTopic.keys()],
    kindOf: (topic) => kindsByTopic.get(topic),
  }
}
