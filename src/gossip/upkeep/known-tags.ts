import type { PeerStore } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import type { Logger } from 'pino'
import type { KnownPeers } from '../../peers/ports.ts'

const TAG = 'gossip-bridge-known'
/** The greatest value that libp2p takes. Above the sum of all other tags: the DHT's 50 and 1. The router's are off: see node.ts. */
const VALUE = 100

const NOT_TAGGED = 'a known peer could not be tagged, so its connection may be pruned'

export interface KnownTagsDeps {
  readonly peerStore: Pick<PeerStore, 'merge'>
  readonly known: KnownPeers
  readonly log: Logger
}

/**
 * Tags each known peer, now and whenever one becomes known, as long as it is. libp2p prunes the connections with the lowest tags first, whoever dialled,
 * so strangers have to make room. Returns the function that ends it.
 */
export function tagKnownPeers({ peerStore, known, log }: KnownTagsDeps): () => void {
  async function tag(peerId: string): Promise<void> {
    const isKnown = known.has(peerId)
    try {
      await peerStore.merge(peerIdFromString(peerId), { tags: { [TAG]: isKnown ? { value: VALUE } : undefined } })
    } catch (error) {
      log.warn({ peerId, err: error }, isKnown ? NOT_TAGGED : 'a peer that is no longer known could not be untagged, so it keeps its place')
    }
  }
  for (const peerId of known.all()) void tag(peerId)
  const undo = [known.onNew((peerId) => void tag(peerId)), known.onUnlisted((peerId) => void tag(peerId))]
  return () => {
    for (const end of undo) end()
  }
}
