import type { Connection } from '@libp2p/interface'
import { ipOf } from '../node/addresses.ts'

/** One connected peer. */
export interface ConnectedPeer {
  readonly peerId: string
  readonly address: string | null
  readonly direction: 'inbound' | 'outbound'
  /** Milliseconds since the epoch. */
  readonly connectedAt: number
}

interface Entry {
  readonly connection: Connection
  readonly peer: ConnectedPeer
}

/** The connected peers and their addresses, updated by libp2p's events: a fast lookup, because every message asks for its hop's address. */
export interface ConnectionBook {
  opened(connection: Connection): void
  closed(connection: Connection): void
  /** Number of the peer's connections. */
  connectionsOf(peerId: string): number
  addressOf(peerId: string): string | null
  /** Closes all connections of a peer, at once. */
  abort(peerId: string, reason: string): void
  /** One entry per peer, from its oldest connection. */
  peers(): ConnectedPeer[]
}

export function createConnectionBook(): ConnectionBook {
  const byPeer = new Map<string, Entry[]>()
  return {
    opened(connection) {
      const peerId = connection.remotePeer.toString()
      const { direction, timeline } = connection
      const peer = { peerId, address: ipOf(connection.remoteAddr), direction, connectedAt: timeline.open }
      byPeer.set(peerId, [...(byPeer.get(peerId) ?? []), { connection, peer }])
    },
    closed(connection) {
      const peerId = connection.remotePeer.toString()
      const left = (byPeer.get(peerId) ?? []).filter((entry) => entry.connection.id !== connection.id)
      if (left.length > 0) byPeer.set(peerId, left)
      else byPeer.delete(peerId)
    },
    connectionsOf: (peerId) => byPeer.get(peerId)?.length ?? 0,
    addressOf: (peerId) => byPeer.get(peerId)?.[0]?.peer.address ?? null,
    abort(peerId, reason) {
      for (const { connection } of byPeer.get(peerId) ?? []) connection.abort(new Error(reason))
    },
    peers: () => [...byPeer.values()].flatMap(([oldest]) => (oldest === undefined ? [] : [oldest.peer])),
  }
}
