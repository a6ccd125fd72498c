import type { Connection } from '@libp2p/interface'
import type { Logger } from 'pino'
import type { DialPlan } from '../../peers/ports.ts'

export interface UnwantedPeersOptions {
  /** How long a peer may take to subscribe to one of our topics. */
  readonly graceMs?: number
}

export interface UnwantedPeersDeps {
  readonly connections: () => readonly Connection[]
  /** Whether a peer subscribes to any of our topics. */
  readonly isSubscribed: (peerId: string) => boolean
  readonly isKnown: (peerId: string) => boolean
  readonly plan: Pick<DialPlan, 'unwanted'>
  readonly onClose: () => void
  readonly log: Logger
  readonly now: () => number
}

/** Streams that libp2p opens by itself on every connection. */
const OF_EVERY_CONNECTION = /^\/ipfs\/(id|ping)\//

/**
 * Closes the connections of peers that have nothing to do with us, such as most servers of the public DHT: they would take the places
 * of others. A peer that uses a stream at the moment is left alone. Call the round every few seconds.
 */
export function createUnwantedPeers({ graceMs = 60_000 }: UnwantedPeersOptions, deps: UnwantedPeersDeps): () => void {
  const { connections, isSubscribed, isKnown, plan, onClose, log, now } = deps
  /** Since when each connection is without use. */
  const idleSince = new Map<string, number>()

  function isInUse({ remotePeer, streams }: Connection): boolean {
    const peerId = remotePeer.toString()
    return isKnown(peerId) || isSubscribed(peerId) || streams.some(({ protocol }) => isOwnPurpose(protocol))
  }

  return function round() {
    const at = now()
    const idle = connections().filter((connection) => !isInUse(connection))
    const ids = new Set(idle.map(({ id }) => id))
    for (const id of idleSince.keys()) if (!ids.has(id)) idleSince.delete(id)
    for (const connection of idle) {
      const since = idleSince.get(connection.id) ?? at
      idleSince.set(connection.id, since)
      const peerId = connection.remotePeer.toString()
      if (at - since < graceMs || !plan.unwanted(peerId)) continue
      onClose()
      log.debug({ peerId }, 'connection closed: the peer subscribes to none of our topics')
      connection.close().catch((error: Error) => connection.abort(error))
    }
  }
}

/** Gossip streams are opened to everybody who speaks the protocol, so they say nothing about a peer's purpose. */
function isOwnPurpose(protocol: string): boolean {
  return protocol !== '' && !OF_EVERY_CONNECTION.test(protocol) && !protocol.startsWith('/meshsub/')
}
