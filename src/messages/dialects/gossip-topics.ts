import type { AnnouncementType } from '../announcement.ts'

/** The kinds of gossip messages: announcements, the handshake of two nodes, and the request for the best block. */
export type GossipKind = AnnouncementType | 'handshake' | 'best-block'

export interface GossipTopicsOptions {
  readonly network: string
  /** The last part of each topic's name: the settings `p2p_*_topic`. Empty: the topic is not used. */
  readonly suffixes: Readonly<Record<GossipKind, string>>
}

export interface GossipTopics {
  /** Empty for a topic that is not used. */
  readonly nameOf: Readonly<Record<GossipKind, string>>
  /** The names of the topics that are used. */
  readonly names: readonly string[]
  kindOf(topic: string): GossipKind | undefined
}

/** The prefix of all topics of a network, which handshakes carry too. */
export function plainTopicPrefix(network: string): string {
  return `bitcoin/${network}`
}

/** Names of the gossip topics in the dialect `plain`: `bitcoin/<network>-<suffix>`. */
export function plainGossipTopics({ network, suffixes }: GossipTopicsOptions): GossipTopics {
  const entries = (Object.entries(suffixes) as [GossipKind, string][]).map(
    ([kind, suffix]) => [kind, suffix === '' ? '' : `${plainTopicPrefix(network)}-${suffix}`] as const,
  )
  const kinds = new Map<string, GossipKind>(entries.filter(([, topic]) => topic !== '').map(([kind, topic]) => [topic, kind]))
  return {
    nameOf: Object.fromEntries(entries) as Record<GossipKind, string>,
    names: [...kinds.keys()],
    kindOf: (topic) => kinds.get(topic),
  }
}
