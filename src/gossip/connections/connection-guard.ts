import type { Connection } from '@libp2p/interface'
import type { Logger } from 'pino'
import type { GossipNode } from '../node/node.ts'
import type { Refusal } from '../refusals.ts'
import type { ConnectionBook } from './connection-book.ts'
import { type BanSubject, subjectOf } from './connection-gater.ts'
import { boundFrames } from './frame-bounds.ts'
import { boundStreams } from './stream-bounds.ts'

export interface ConnectionGuardDeps {
  readonly node: Pick<GossipNode, 'addEventListener' | 'removeEventListener' | 'getConnections'>
  readonly book: ConnectionBook
  readonly log: Logger
  readonly isBanned: (subject: BanSubject) => boolean
  readonly onBanned: () => void
  /** The peer opened more streams than it may have, or sent frames that it may not. */
  readonly onRefused: (reason: Refusal, connection: Connection) => void
  /** The last connection to a peer was closed. */
  readonly onLost: (peerId: string) => void
  readonly onChange: () => void
  readonly now: () => number
}

export interface ConnectionGuardOptions {
  readonly maxConnectionsPerPeer: number
  /** `gossip_inbound_rate` */
  readonly messagesPerSecond: number
}

/** Updates the connection book, closes banned connections, and limits the connections per peer and what a connection may cost. */
export function createConnectionGuard(options: ConnectionGuardOptions, deps: ConnectionGuardDeps) {
  const { maxConnectionsPerPeer } = options
  const { node, book, log, isBanned, onBanned, onRefused, onLost, onChange, now } = deps

  function closeIfBanned(connection: Connection): boolean {
    const subject = subjectOf(connection, connection.remotePeer)
    if (!isBanned(subject)) return false
    onBanned()
    log.info(subject, 'connection closed, banned')
    connection.abort(new Error('banned'))
    return true
  }

  function onOpen({ detail: connection }: CustomEvent<Connection>): void {
    book.opened(connection)
    // Checked again: a ban may have arrived after the gater's last check.
    if (closeIfBanned(connection)) return
    const costs = { onRefused: (reason: Refusal) => onRefused(reason, connection), now }
    boundStreams(connection, costs)
    boundFrames(connection, options, costs)
    const isOneTooMany = book.connectionsOf(connection.remotePeer.toString()) > maxConnectionsPerPeer
    if (isOneTooMany) connection.abort(new Error(`more than ${maxConnectionsPerPeer} connections of one peer`))
    onChange()
  }

  function onClose({ detail: connection }: CustomEvent<Connection>): void {
    book.closed(connection)
    const peerId = connection.remotePeer.toString()
    if (book.connectionsOf(peerId) === 0) onLost(peerId)
    onChange()
  }

  return {
    start(): void {
      node.addEventListener('connection:open', onOpen)
      node.addEventListener('connection:close', onClose)
    },
    /** Closes open connections whose peer or address is now banned. */
    enforceBans(): void {
      for (const connection of node.getConnections()) closeIfBanned(connection)
    },
    stop(): void {
      node.removeEventListener('connection:open', onOpen)
      node.removeEventListener('connection:close', onClose)
    },
  }
}

export type ConnectionGuard = ReturnType<typeof createConnectionGuard>
