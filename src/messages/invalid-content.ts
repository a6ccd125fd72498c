import type { InvalidBlockValue, InvalidSubtreeValue } from './topic-values.ts'

/** A verdict of the own node's validation services on what other nodes announced. */
export interface InvalidContent {
  readonly kind: 'block' | 'subtree'
  readonly hash: string
  /** As the service says it. */
  readonly reason: string
  /** Who served or announced it, where the service knows. */
  readonly peerId: string | null
  /** The base URL that it was fetched from. It only narrows: anybody can announce a URL of somebody else. */
  readonly peerUrl: string | null
}

export function invalidBlock({ blockHash, reason, peerId, peerUrl }: InvalidBlockValue): InvalidContent {
  return { kind: 'block', hash: blockHash, reason, peerId: peerId || null, peerUrl: peerUrl || null }
}

export function invalidSubtree({ subtreeHash, reason, peerId, peerUrl }: InvalidSubtreeValue): InvalidContent {
  return { kind: 'subtree', hash: subtreeHash, reason, peerId: peerId || null, peerUrl: peerUrl || null }
}
