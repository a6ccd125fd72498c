import { type Announcement, announcedHash, contentOf, kindOf } from '../announcement.ts'
import type { Dialect } from '../dialects/dialect.ts'
import { headerFault } from './block-header.ts'
import { RefusedError } from './refusal.ts'

export interface GossipRulesOptions {
  /** Minimum work, in expected hashes, that the header of a block has to prove. */
  readonly minBlockWork: bigint
  /** Whether a block without a header is not believed. */
  readonly requireBlockHeader: boolean
}

/** The rules for the content of gossip messages, in the order in which they apply. */
export interface GossipRules extends Pick<Dialect, 'maxBytes' | 'decode' | 'isScored'> {
  /** The name of the rule that the announced header breaks. Undefined if it is good, or there need be none. */
  headerFault(announcement: Announcement): string | undefined
  /** The name of the broken rule, or undefined for our own errors. */
  refusalReason(error: unknown): string | undefined
}

export function createGossipRules(
  { minBlockWork, requireBlockHeader }: GossipRulesOptions,
  dialect: Pick<Dialect, 'maxBytes' | 'decode' | 'isScored'>,
): GossipRules {
  return {
    maxBytes: (kind) => dialect.maxBytes(kind),
    decode: (kind, data) => dialect.decode(kind, data),
    isScored: (reason) => dialect.isScored(reason),
    headerFault: (announcement) => {
      const { header } = kindOf(announcement.type)
      if (header === null) return undefined
      const given = contentOf(announcement)[header]
      if (typeof given === 'string') return headerFault(given, announcedHash(announcement), minBlockWork)
      return requireBlockHeader ? 'header-missing' : undefined
    },
    refusalReason: (error) => (error instanceof RefusedError ? error.reason : undefined),
  }
}
