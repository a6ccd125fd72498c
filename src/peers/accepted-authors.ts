import { reachablePeers } from './peer-address.ts'

export interface AcceptedAuthorsOptions {
  /** `accept_authors`: empty accepts everybody. */
  readonly authors: readonly string[]
  /** `p2p_static_peers`: always accepted. */
  readonly staticPeers: readonly string[]
}

export interface AcceptedAuthorsDeps {
  /** Whether a peer id belongs to this bridge. */
  readonly isOwn: (peerId: string) => boolean
}

/** Whether we listen to the author of a message, whoever passed it on. */
export function acceptedAuthors(
  { authors, staticPeers }: AcceptedAuthorsOptions,
  { isOwn }: AcceptedAuthorsDeps,
): (peerId: string) => boolean {
  if (authors.length === 0) return () => true
  const accepted = new Set([...authors, ...reachablePeers(staticPeers).map(({ peerId }) => peerId)])
  return (peerId) => accepted.has(peerId) || isOwn(peerId)
}
