import { type Announcement, announcedHash, contentOf, kindOf } from '../announcement.ts'
import { decodeBestBlockRequest, MAX_BEST_BLOCK_REQUEST_BYTES } from '../dialects/best-block.ts'
import type { GossipKind } from '../dialects/gossip-topics.ts'
import { decodeHandshake, type Handshake, MAX_HANDSHAKE_BYTES } from '../dialects/handshake.ts'
import { decodePlain } from '../dialects/plain.ts'
import { headerFault } from './block-header.ts'
import { RefusedError } from './refusal.ts'

export interface GossipRulesOptions {
  readonly allowPrivateUrls: boolean
  /** Minimum work, in expected hashes, that the header of a block has to prove. */
  readonly minBlockWork: bigint
}

/** The content of a message of any kind. */
export interface HeardContent {
  readonly announcement: Announcement | undefined
  readonly handshake: Handshake | undefined
  readonly claimedPeerId: string
}

/** The rules for the content of gossip messages in the dialect `plain`, in the order in which they apply. */
export interface GossipRules {
  maxBytes(kind: GossipKind): number
  /** Throws RefusedError. */
  decode(kind: GossipKind, data: Uint8Array): HeardContent
  /** The name of the rule that the announced header breaks. Undefined if the header is good or the announcement has none. */
  headerFault(announcement: Announcement): string | undefined
  /** The name of the broken rule, or undefined for our own errors. */
  refusalReason(error: unknown): string | undefined
}

export function createGossipRules({ allowPrivateUrls, minBlockWork }: GossipRulesOptions): GossipRules {
  return {
    maxBytes: (kind) => {
      if (kind === 'best-block') return MAX_BEST_BLOCK_REQUEST_BYTES
      return kind === 'handshake' ? MAX_HANDSHAKE_BYTES : kindOf(kind).gossip.maxBytes
    },
    decode: (kind, data) => {
      if (kind === 'best-block') return { announcement: undefined, handshake: undefined, claimedPeerId: decodeBestBlockRequest(data) }
      if (kind !== 'handshake') return { ...decodePlain(kind, data, { allowPrivateUrls }), handshake: undefined }
      const handshake = decodeHandshake(data, { allowPrivateUrls })
      return { announcement: undefined, handshake, claimedPeerId: handshake.peerId }
    },
    headerFault: (announcement) => {
      const { header } = kindOf(announcement.type)
      const given = header && contentOf(announcement)[header]
      return typeof given === 'string' ? headerFault(given, announcedHash(announcement), minBlockWork) : undefined
    },
    refusalReason: (error) => (error instanceof RefusedError ? error.reason : undefined),
  }
}
