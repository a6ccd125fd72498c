import type { PeerId, PeerStore } from '@libp2p/interface'

/** Who is forgotten last: libp2p keeps every peer it ever met, and any stranger can bring a thousand names an hour. */
export interface PeerStoreSweepOptions {
  readonly maxUnconnected?: number
}

export interface PeerStoreSweepDeps {
  readonly peerStore: Pick<PeerStore, 'all' | 'delete'>
  readonly ownPeerId: string
  readonly isConnected: (peerId: string) => boolean
}

/** Deletes unconnected peers that were there at the last sweep already, and of the newer ones all above the bound. */
export function createPeerStoreSweep(options: PeerStoreSweepOptions, { peerStore, ownPeerId, isConnected }: PeerStoreSweepDeps) {
  const { maxUnconnected = 1000 } = options
  let seenUnconnected = new Set<string>()

  /** One sweep; to be called every few minutes, so that a peer that comes back soon is still known. */
  return async function sweep(stopped: AbortSignal): Promise<void> {
    const kept: string[] = []
    for (const { id } of await peerStore.all()) {
      const peerId = id.toString()
      if (stopped.aborted) return
      if (peerId === ownPeerId || isConnected(peerId)) continue
      if (seenUnconnected.has(peerId) || kept.length >= maxUnconnected) await forget(id)
      else kept.push(peerId)
    }
    seenUnconnected = new Set(kept)
  }

  async function forget(id: PeerId): Promise<void> {
    await peerStore.delete(id)
  }
}
