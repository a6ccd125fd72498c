import type { Logger } from 'pino'
import type { DialFailure } from '../peers/ports.ts'
import type { PeerInfo, PeersAdmin, Requester } from './ports.ts'

export interface PeersAdminDeps {
  /** The libp2p host. */
  readonly host: {
    peers(): readonly Omit<PeerInfo, 'isOfSettings' | 'isSibling' | 'height'>[]
    connect(address: string): Promise<DialFailure | undefined>
    disconnect(peerId: string): boolean
  }
  readonly isOfSettings: (peerId: string) => boolean
  readonly isSibling: (peerId: string) => boolean
  /** The height that the peer's announcements named last. */
  readonly heightOf: (peerId: string) => number | null
  readonly log: Logger
}

/** The connected peers behind the doors: each change leaves a line in the log with who asked for it. */
export function createPeersAdmin({ host, isOfSettings, isSibling, heightOf, log }: PeersAdminDeps): PeersAdmin {
  const audit = (requester: Requester, fields: Record<string, unknown>) =>
    log.info({ ...requester, ...fields }, 'audit: a peer was handled by hand')
  return {
    list: () =>
      host.peers().map((peer) => ({
        ...peer,
        height: heightOf(peer.peerId),
        isOfSettings: isOfSettings(peer.peerId),
        isSibling: isSibling(peer.peerId),
      })),
    async connect(address, requester) {
      const failure = await host.connect(address)
      audit(requester, { action: 'connect', to: address, failure: failure ?? null })
      return failure
    },
    disconnect(peerId, requester) {
      const changed = host.disconnect(peerId)
      audit(requester, { action: 'disconnect', peerId, changed })
      return changed
    },
  }
}
