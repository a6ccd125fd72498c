import type { AnnouncementType } from '../announcement.ts'

/** The kinds of gossip messages: announcements, and the handshake of two nodes. */
export type GossipKind = AnnouncementType | 'handshake'

export interface GossipTopicsOptions {
  readonly network: string
  /** The last part of each topic's name: the settings `p2p_*_topic`. */
  readonly suffixes: Readonly<Record<GossipKind, string>>
}

export interface GossipTopics {
  readonly nameOf: Readonly<Record<GossipKind, string>>
  kindOf(topic: string): GossipKind | undefined
}

/** Names of the gossip topics in the dialect `plain`: `bitcoin/<network>-<suffix>`. */
export function plainGossipTopics({ network, suffixes }: GossipTopicsOptions): GossipTopics {
  const entries = (Object.entries(suffixes) as [GossipKind, string][]).map(
    ([kind, suffix]) => [kind, `bitcoin/${network}-${suffix}`] as const,
  )
  const kinds = new Map<string, GossipKind>(entries.map(([kind, topic]) => [topic, kind]))
  return {
    nameOf: Object.fromEntries(entries) as Record<GossipKind, string>,
    kindOf: (topic) => kinds.get(topic),
  }
}
