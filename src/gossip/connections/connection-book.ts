import type { Connection } from '@libp2p/interface'
import { ipOf } from '../node/addresses.ts'

/** One connected peer. */
export interface ConnectedPeer {
  readonly peerId: string
  readonly address: string | null
  readonly direction: 'inbound' | 'outbound'
  /** Milliseconds since the epoch. */
  readonly connectedAt: number
  /** How long the last answered ping took, in milliseconds; null before the first. */
  readonly latencyMs: number | null
}

interface Entry {
  readonly connection: Connection
  readonly peer: Omit<ConnectedPeer, 'latencyMs'>
}

/** The connected peers and their addresses, updated by libp2p's events: a fast lookup, because every message asks for its hop's address. */
export interface ConnectionBook {
  opened(connection: Connection): void
  closed(connection: Connection): void
  /** A ping of a connected peer was answered. */
  answered(peerId: string, latencyMs: number): void
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
  const latencies = new Map<string, number>()
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
      else {
        byPeer.delete(peerId)
        latencies.delete(peerId)
      }
    },
    answered(peerId, latencyMs) {
      if (byPeer.has(peerId)) latencies.set(peerId, latencyMs)
    },
    connectionsOf: (peerId) => byPeer.get(peerId)?.length ?? 0,
    addressOf: (peerId) => byPeer.get(peerId)?.[0]?.peer.address ?? null,
    abort(peerId, reason) {
      for (const { connection } of byPeer.get(peerId) ?? []) connection.abort(new Error(reason))
    },
    peers: () =>
      [...byPeer].flatMap(([peerId, [oldest]]) =>
        oldest === undefined ? [] : [{ ...oldest.peer, latencyMs: latencies.get(peerId) ?? null }],
      ),
  }
}
