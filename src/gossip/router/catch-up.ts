import type { Connection, PeerId } from '@libp2p/interface'
import type { Router } from './router.ts'

/** A new peer is offered the latest messages again at so many heartbeats, a second apart. */
const REPEATED_OFFERS = 3

/**
 * Makes sure that what we accept reaches a peer from the first moment of its connection on. Two patches of gossipsub 17.1.1:
 *
 * 1. A peer is taken into the mesh as soon as our stream to it is open. Unpatched, the router tries when the peer's subscription
 *    arrives, which fails if our own stream is not open yet, as is usual on the side that was dialled. Then the peer waits for the next
 *    heartbeat, up to a second.
 * 2. A peer that enters the mesh is offered the ids of the last seconds' messages. Unpatched, a message that was accepted before
 *    is lost to that peer: it was not relayed, since the peer was not in the mesh, and it is not announced at the heartbeat, since by
 *    then the peer is in the mesh. The offer is repeated at the next three heartbeats, because a Go peer drops what exceeds 32 messages
 *    at once; it asks only for messages that it still lacks.
 *
 * Streams are also opened side by side, one at a time for each peer. Unpatched, all peers wait while one does not answer.
 */
export function catchUpNewPeers(router: Router): void {
  offerWhenMeshed(router, createOffers(router))
  openSideBySide(router)
}

/** Offers recent messages to a peer by IHAVE. Offers of one turn of the event loop become one list per topic. */
function createOffers(router: Router) {
  const waiting = new Map<string, Set<string>>()
  let repeats: { readonly peerId: string; readonly topic: string; readonly left: number }[] = []

  function send(): void {
    const offers = [...waiting]
    waiting.clear()
    const ids = router.mcache.getGossipIDs(new Set(offers.flatMap(([, topics]) => [...topics])))
    for (const [peerId, topics] of offers) {
      const ihave = [...topics].flatMap((topicID) => {
        const messageIDs = ids.get(topicID) ?? []
        return messageIDs.length === 0 ? [] : [{ topicID, messageIDs: [...messageIDs] }]
      })
      if (ihave.length === 0) continue
      router.sendRpc(peerId, { subscriptions: [], messages: [], control: { ihave, iwant: [], graft: [], prune: [], idontwant: [] } })
    }
  }

  function add(peerId: string, topic: string): void {
    if (waiting.size === 0) queueMicrotask(send)
    const topics = waiting.get(peerId)
    if (topics === undefined) waiting.set(peerId, new Set([topic]))
    else topics.add(topic)
  }

  router.addEventListener('gossipsub:heartbeat', () => {
    for (const { peerId, topic } of repeats) add(peerId, topic)
    repeats = repeats.flatMap((repeat) => (repeat.left > 1 ? [{ ...repeat, left: repeat.left - 1 }] : []))
  })

  return function offer(peerId: string, topic: string): void {
    add(peerId, topic)
    repeats.push({ peerId, topic, left: REPEATED_OFFERS })
  }
}

function offerWhenMeshed(router: Router, offer: (peerId: string, topic: string) => void): void {
  const add = router.addToMesh.bind(router)
  router.addToMesh = (peerId, topic, reason) => {
    add(peerId, topic, reason)
    offer(peerId, topic)
  }
  const create = router.createOutboundStream.bind(router)
  router.createOutboundStream = async (peer, connection) => {
    const peerId = peer.toString()
    const before = router.streamsOutbound.get(peerId)
    await create(peer, connection)
    const stream = router.streamsOutbound.get(peerId)
    if (stream === undefined || stream === before) return
    graft(router, peerId)
    for (const [topic, subscribers] of router.topics) if (subscribers.has(peerId)) offer(peerId, topic)
  }
}

/** Tells the peer about each mesh that it is in or has just been taken into. */
function graft(router: Router, peerId: string): void {
  const topics = [...router.mesh].filter(
    ([topic, peers]) => peers.has(peerId) || (router.topics.get(topic)?.has(peerId) === true && router.graftOnSubscribe(peerId, topic)),
  )
  if (topics.length > 0)
    router.sendGraft(
      peerId,
      topics.map(([topic]) => topic),
    )
}

function openSideBySide(router: Router): void {
  const create = router.createOutboundStream.bind(router)
  const opening = new Map<string, Promise<void>>()

  router.openStream = (peer: PeerId, connection: Connection) => {
    const peerId = peer.toString()
    const opened = (opening.get(peerId) ?? Promise.resolve()).then(() => create(peer, connection))
    opening.set(peerId, opened)
    return opened.finally(() => {
      if (opening.get(peerId) === opened) opening.delete(peerId)
    })
  }
  router.createOutboundStream = async (peer, connection) => {
    void router.openStream(peer, connection)
  }
}
