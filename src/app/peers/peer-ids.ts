import { reachablePeers } from '../../peers/peer-address.ts'

/** The ids of the peers that a setting names. They are parsed again when a reload has changed it. */
export function peerIdsOf(addresses: () => readonly string[]): { has(peerId: string): boolean } {
  let parsed: readonly string[] | undefined
  let ids: ReadonlySet<string> = new Set()
  return {
    has(peerId) {
      const now = addresses()
      if (now !== parsed) ids = new Set(reachablePeers(now).map((peer) => peer.peerId))
      parsed = now
      return ids.has(peerId)
    },
  }
}
