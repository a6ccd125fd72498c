import type { Connection, PeerId } from '@libp2p/interface'
import type { Logger } from 'pino'
import { callWithDeadline } from '../../lifecycle/time.ts'
import { isGossipStream, isRead } from '../router/streams.ts'

export interface DuplicateConnectionsOptions {
  readonly ownPeerId: string
  /** How long two connections may live side by side: at first each side may still open its gossip stream on either. */
  readonly graceMs?: number
  readonly closeTimeoutMs?: number
}

export interface DuplicateConnectionsDeps {
  readonly node: { getPeers(): PeerId[]; getConnections(peer: PeerId): Connection[] }
  /** Replaces our gossip stream by one on this connection; false if that fails. */
  readonly reopen: (peer: PeerId, connection: Connection) => Promise<boolean>
  readonly onClose: () => void
  readonly log: Logger
  readonly now: () => number
}

interface Choice {
  readonly kept: Connection
  readonly others: readonly Connection[]
}

/** The side with the greater peer id waits this many times longer, so that both sides do not keep different connections. */
const PATIENCE = 4

/**
 * Two nodes that dial each other at the same moment have two connections, often with one gossip stream on each. This keeps the
 * connection on which the peer has its stream, because only the peer could move that; moves our own stream there; then closes the others.
 */
export function createDuplicateConnections(options: DuplicateConnectionsOptions, deps: DuplicateConnectionsDeps) {
  const { ownPeerId, graceMs = 3000, closeTimeoutMs = 5000 } = options
  const { node, reopen, onClose, log, now } = deps
  const since = new Map<string, number>()
  const closing = new Map<string, Promise<void>>()

  function look(stopped: AbortSignal): void {
    const doubled = new Set<string>()
    for (const peer of node.getPeers()) {
      const open = node.getConnections(peer).filter(({ status }) => status === 'open')
      if (open.length < 2) continue
      const peerId = peer.toString()
      doubled.add(peerId)
      const from = since.get(peerId) ?? now()
      since.set(peerId, from)
      const graceOfSide = ownPeerId < peerId ? graceMs : graceMs * PATIENCE
      if (now() - from < graceOfSide || closing.has(peerId)) continue
      const kept = connectionToKeep(open)
      if (kept === undefined) continue // the peer is about to change its stream: the next look decides
      const others = open.filter((connection) => connection !== kept)
      closing.set(
        peerId,
        keepOne(peer, { kept, others }, stopped).finally(() => closing.delete(peerId)),
      )
    }
    for (const peerId of since.keys()) if (!doubled.has(peerId)) since.delete(peerId)
  }

  /** Never rejects. */
  async function keepOne(peer: PeerId, { kept, others }: Choice, stopped: AbortSignal): Promise<void> {
    try {
      const isReady = kept.streams.some((stream) => isGossipStream(stream, 'outbound') && isRead(stream)) || (await reopen(peer, kept))
      if (!isReady || stopped.aborted) return
      for (const connection of others) await close(connection, stopped)
    } catch (err) {
      log.debug({ peerId: peer.toString(), err }, 'our stream could not be moved to the connection to keep, the next look tries again')
    }
  }

  async function close(connection: Connection, stopped: AbortSignal): Promise<void> {
    onClose()
    log.debug({ peerId: connection.remotePeer.toString() }, 'second connection to a peer closed')
    const limit = { ms: closeTimeoutMs, what: 'closing a second connection', signal: stopped }
    await callWithDeadline(limit, (signal) => connection.close({ signal })).catch((error: Error) => connection.abort(error))
  }

  return {
    /** Checks all peers once; call it every second. Does not wait for what it starts. */
    look,
    /** Resolves when nothing is being closed. */
    async settled(): Promise<void> {
      await Promise.allSettled(closing.values())
    },
  }
}

/** Undefined while the peer has a gossip stream on several. */
function connectionToKeep(open: readonly Connection[]): Connection | undefined {
  const theirs = open.filter(({ streams }) =>
    streams.some((stream) => isGossipStream(stream, 'inbound') && stream.remoteWriteStatus === 'writable'),
  )
  if (theirs.length > 0) return theirs.length === 1 ? theirs[0] : undefined
  const ours = open.find(({ streams }) => streams.some((stream) => isGossipStream(stream, 'outbound')))
  return ours ?? open[0]
}
