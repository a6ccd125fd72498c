import type { Router } from './router.ts'

/** Our own instances offer a new neighbour the latest messages by IHAVE, whatever they take it for; that ends within this time. */
const OFFERS_END_MS = 10_000

export interface DirectPeersDeps {
  /** Whether a peer that connects is a direct peer: one of the settings. */
  readonly isDirect: (peerId: string) => boolean
  /** A direct peer does not treat us as one. */
  readonly onOneSided: (peerId: string) => void
  /** Calls the listener with each peer that the settings no longer name. */
  readonly onUnlisted: (listener: (peerId: string) => void) => void
  readonly now: () => number
}

/**
 * Makes connected peers of the settings direct peers of the router: it sends them everything, keeps them out of the mesh and exempts
 * them from scores. That needs both sides: a peer that has not named us puts us into its mesh, would get a PRUNE, and from then on
 * would send us its messages late. Such a peer shows itself, because nobody sends GRAFT or IHAVE to a direct peer; it becomes an
 * ordinary peer, until it connects again.
 *
 * Until its first GRAFT, at its next heartbeat, such a peer relays nothing to us: up to a second. A GRAFT of ours would not help where both
 * sides have named each other: go-libp2p-pubsub answers a direct peer's GRAFT with a PRUNE, a back-off of a minute, and a warning.
 *
 * gossipsub 17.1.1 has a setting for direct peers, but dials them itself, and keeps to them whatever they do.
 */
export function keepDirectPeers(router: Router, { isDirect, onOneSided, onUnlisted, now }: DirectPeersDeps): void {
  const connectedAt = new Map<string, number>()

  const add = router.addPeer.bind(router)
  router.addPeer = (peer, direction, address) => {
    const peerId = peer.toString()
    if (!router.peers.has(peerId) && isDirect(peerId)) {
      router.direct.add(peerId)
      connectedAt.set(peerId, now())
    }
    add(peer, direction, address)
  }
  const remove = router.removePeer.bind(router)
  router.removePeer = (peer) => {
    router.direct.delete(peer.toString())
    connectedAt.delete(peer.toString())
    remove(peer)
  }

  function becomesOrdinary(peerId: string): void {
    if (!router.direct.delete(peerId)) return
    const topics = [...router.topics].flatMap(([topic, peers]) =>
      peers.has(peerId) && router.graftOnSubscribe(peerId, topic) ? [topic] : [],
    )
    if (topics.length > 0) router.sendGraft(peerId, topics)
  }
  onUnlisted(becomesOrdinary)
  const handleControl = router.handleControlMessage.bind(router)
  router.handleControlMessage = (peerId, control) => {
    if (control !== undefined && router.direct.has(peerId)) {
      const isOffer = now() - (connectedAt.get(peerId) ?? 0) < OFFERS_END_MS
      if (control.graft.length > 0 || (control.ihave.length > 0 && !isOffer)) {
        onOneSided(peerId)
        becomesOrdinary(peerId)
      }
    }
    return handleControl(peerId, control)
  }
}
