import type { Announcement, AnnouncementType } from './announcement.ts'

/** All that differs between the kinds of announcements, apart from their fields. */
export interface Route {
  /** In which property of an Announcement or LogEvent the content stands. */
  readonly payload: 'block' | 'subtree' | 'miningOn' | 'rejectedTx'
  /** The in-topic from which the own node's announcements come, and the text of `type` in its records where it has several kinds. */
  readonly source: { readonly role: 'notifications'; readonly type: string } | { readonly role: 'rejectedTx' }
  /** The setting that names the gossip topic's suffix. */
  readonly gossipTopicSetting: 'p2p_block_topic' | 'p2p_subtree_topic' | 'p2p_mining_on_topic' | 'p2p_rejected_tx_topic'
  /** Largest gossip message, in bytes. Stricter than the router's 1 MiB, because no honest one comes near. */
  readonly maxBytes: number
  /** Blocks must not wait behind a flood of rejected transactions. */
  readonly priority: 'high' | 'low'
  /** The topic in which foreign announcements go to a validation service, or null when nobody validates them. */
  readonly validation: 'blocks' | 'subtrees' | null
  /** `type` of Teranode's WebSocket notification, or null when Teranode does not show the kind. */
  readonly teranodeType: 'block' | 'subtree' | 'mining_on' | null
}

const KIB = 1024

/** THE table: what a kind of announcement is. A new kind does not compile until it stands here. */
export const ROUTES = {
  block: {
    payload: 'block',
    source: { role: 'notifications', type: 'Block' },
    gossipTopicSetting: 'p2p_block_topic',
    maxBytes: 32 * KIB,
    priority: 'high',
    validation: 'blocks',
    teranodeType: 'block',
  },
  subtree: {
    payload: 'subtree',
    source: { role: 'notifications', type: 'Subtree' },
    gossipTopicSetting: 'p2p_subtree_topic',
    maxBytes: 32 * KIB,
    priority: 'high',
    validation: 'subtrees',
    teranodeType: 'subtree',
  },
  'mining-on': {
    payload: 'miningOn',
    source: { role: 'notifications', type: 'MiningOn' },
    gossipTopicSetting: 'p2p_mining_on_topic',
    maxBytes: 32 * KIB,
    priority: 'high',
    validation: null,
    teranodeType: 'mining_on',
  },
  'rejected-tx': {
    payload: 'rejectedTx',
    source: { role: 'rejectedTx' },
    gossipTopicSetting: 'p2p_rejected_tx_topic',
    maxBytes: 16 * KIB,
    priority: 'low',
    validation: null,
    teranodeType: null,
  },
} as const satisfies Record<AnnouncementType, Route>

export const ANNOUNCEMENT_TYPES = Object.keys(ROUTES) as AnnouncementType[]

/** Hash of the block, subtree or transaction that is announced. */
export function announcedHash(announcement: Announcement): string {
  switch (announcement.type) {
    case 'block':
      return announcement.block.hash
    case 'subtree':
      return announcement.subtree.hash
    case 'mining-on':
      return announcement.miningOn.hash
    case 'rejected-tx':
      return announcement.rejectedTx.txId
  }
}

/** Base URL of the sender; undefined for kinds without one. */
export function announcedUrl(announcement: Announcement): string | undefined {
  switch (announcement.type) {
    case 'block':
      return announcement.block.dataHubUrl
    case 'subtree':
      return announcement.subtree.dataHubUrl
    case 'mining-on':
      return announcement.miningOn.dataHubUrl
    case 'rejected-tx':
      return undefined
  }
}
