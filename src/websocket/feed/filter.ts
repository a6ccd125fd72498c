import type { FeedItem } from './feed-item.ts'

/** Which events of its types a client wants. An event has to pass every part that is given. */
export interface EventFilter {
  /** Peer ids of signers; an event without a signer does not pass. */
  readonly peer: readonly string[] | null
  /** An event without a height does not pass. */
  readonly minHeight: number | null
  /** Lower-case hex; an event without a hash does not pass. */
  readonly hashPrefix: string | null
  readonly origin: 'own' | 'network' | null
}

export function passes({ peer, minHeight, hashPrefix, origin }: EventFilter, { facts }: Pick<FeedItem, 'facts'>): boolean {
  if (origin !== null && facts.origin !== origin) return false
  if (minHeight !== null && (facts.height === null || facts.height < minHeight)) return false
  if (hashPrefix !== null && !facts.hash?.startsWith(hashPrefix)) return false
  return peer === null || (facts.peerId !== null && peer.includes(facts.peerId))
}
