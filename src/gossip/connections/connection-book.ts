import type { Connection } from '@libp2p/interface'
import { ipOf } from '../node/addresses.ts'

/** One connected peer as others see it. */
export interface ConnectedPeer {
  readonly peerId: string
  readonly address: string | null
  readonly direction: 'inbound' | 'outbound'
  /** Milliseconds since the epoch. */
  readonly connectedAt: number
}

interface Entry {
  readonly id: string
  readonly peer: ConnectedPeer
}

/** Who is connected from where, kept from libp2p's events, because every message asks for its hop's address. */
export interface ConnectionBook {
  opened(connection: Connection): void
  closed(connection: Connection): void
  /** How many connections the peer has. */
  connectionsOf(peerId: string): number
  addressOf(peerId: string): string | null
  /** Each peer once, by its oldest connection. */
  peers(): ConnectedPeer[]
}

export function createConnectionBook(): ConnectionBook {
  const byPeer = new Map<string, Entry[]>()
  return {
    opened(connection) {
      const peerId = connection.remotePeer.toString()
      const { direction, timeline } = connection
      const peer = { peerId, address: ipOf(connection.remoteAddr), direction, connectedAt: timeline.open }
      byPeer.set(peerId, [...(byPeer.get(peerId) ?? []), { id: connection.id, peer }])
    },
    closed(connection) {
      const peerId = connection.remotePeer.toString()
      const left = (byPeer.get(peerId) ?? []).filter(({ id }) => id !== connection.id)
      if (left.length > 0) byPeer.set(peerId, left)
      else byPeer.delete(peerId)
    },
    connectionsOf: (peerId) => byPeer.get(peerId)?.length ?? 0,
    addressOf: (peerId) => byPeer.get(peerId)?.[0]?.peer.address ?? null,
    peers: () => [...byPeer.values()].flatMap(([oldest]) => (oldest === undefined ? [] : [oldest.peer])),
  }
}
