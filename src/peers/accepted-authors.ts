export interface AcceptedAuthorsOptions {
  /** `accept_authors`: empty accepts everybody. */
  readonly authors: readonly string[]
}

export interface AcceptedAuthorsDeps {
  /** Whether a peer id belongs to this bridge. */
  readonly isOwn: (peerId: string) => boolean
  /** Whether `p2p_static_peers` names the peer, by itself or in a list. */
  readonly isStatic: (peerId: string) => boolean
}

/** Whether we listen to the author of a message, whoever passed it on. */
export function acceptedAuthors(
  { authors }: AcceptedAuthorsOptions,
  { isOwn, isStatic }: AcceptedAuthorsDeps,
): (peerId: string) => boolean {
  if (authors.length === 0) return () => true
  const accepted = new Set(authors)
  return (peerId) => accepted.has(peerId) || isOwn(peerId) || isStatic(peerId)
}
