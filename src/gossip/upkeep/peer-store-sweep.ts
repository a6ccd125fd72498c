import type { PeerId, PeerStore } from '@libp2p/interface'

/** libp2p keeps every peer that it ever met, and any stranger can bring a thousand peer ids an hour. */
export interface PeerStoreSweepOptions {
  readonly maxUnconnected?: number
}

export interface PeerStoreSweepDeps {
  readonly peerStore: Pick<PeerStore, 'all' | 'delete'>
  readonly ownPeerId: string
  /** Connected peers and those of the settings. */
  readonly isKept: (peerId: string) => boolean
}

/** Deletes peers that were unconnected at the previous sweep too, and new ones beyond `maxUnconnected`. */
export function createPeerStoreSweep(options: PeerStoreSweepOptions, { peerStore, ownPeerId, isKept }: PeerStoreSweepDeps) {
  const { maxUnconnected = 1000 } = options
  let seenUnconnected = new Set<string>()

  /** One sweep; call it every few minutes, so that a peer that returns soon is still known. */
  return async function sweep(stopped: AbortSignal): Promise<void> {
    const kept: string[] = []
    for (const { id } of await peerStore.all()) {
      const peerId = id.toString()
      if (stopped.aborted) return
      if (peerId === ownPeerId || isKept(peerId)) continue
      if (seenUnconnected.has(peerId) || kept.length >= maxUnconnected) await forget(id)
      else kept.push(peerId)
    }
    seenUnconnected = new Set(kept)
  }

  async function forget(id: PeerId): Promise<void> {
    await peerStore.delete(id)
  }
}
