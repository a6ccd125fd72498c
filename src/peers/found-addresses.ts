import { parsePeerAddress } from './peer-address.ts'
import type { ReachablePeer } from './ports.ts'

const MAX_FOUND_ADDRESSES = 8

/** Each address with the peer id, without which another peer could answer. Those of other peers are left out, and the list is bounded. */
export function withPeerId({ peerId, addresses }: ReachablePeer): string[] {
  const own = addresses.flatMap((text) => {
    const parsed = parsePeerAddress(text)
    if (parsed === undefined) return []
    if (parsed.peerId === null) return [`${text}/p2p/${peerId}`]
    return parsed.peerId === peerId ? [text] : []
  })
  return [...new Set(own)].sort().slice(0, MAX_FOUND_ADDRESSES)
}

export function isSameList(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((text) => other.includes(text))
}
