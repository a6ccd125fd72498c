import type { Connection, PeerStore } from '@libp2p/interface'
import type { Logger } from 'pino'
import type { Authors, FoundOutcome, ReachablePeer } from '../../peers/ports.ts'
import type { GossipMetrics } from '../../telemetry/gossip-metrics.ts'
import { PEER_ADDRESS_PROTOCOL, type PeerAddressStream } from './peer-address-stream.ts'

/** The most peers that are asked about one author. */
const MAX_ASKED_PEERS = 8

export interface AddressExchangeDeps {
  readonly stream: Pick<PeerAddressStream, 'ask'>
  readonly authors: Authors
  readonly connections: () => readonly Connection[]
  readonly peerStore: Pick<PeerStore, 'get'>
  readonly found: (peer: ReachablePeer) => FoundOutcome
  /** A peer was found that was not known. */
  readonly onNew: () => void
  readonly log: Logger
  readonly metrics: Pick<GossipMetrics, 'addressRequests' | 'foundPeers'>
}

/** One round, for a node without a DHT: asks our neighbours where the authors are whose messages reach us only by way of others. */
export function createAddressExchange(deps: AddressExchangeDeps): (stopped: AbortSignal) => Promise<void> {
  const { stream, authors, connections, found, onNew, log, metrics } = deps

  async function findAuthor(author: string, neighbours: readonly Connection[], stopped: AbortSignal): Promise<void> {
    for (const neighbour of neighbours) {
      const addresses = await ask(neighbour, author, stopped)
      if (stopped.aborted) return
      if (addresses.length === 0) continue
      const outcome = found({ peerId: author, addresses })
      metrics.foundPeers.inc({ outcome })
      if (outcome === 'new') onNew()
      // Otherwise the next neighbour may know a better address.
      if (outcome === 'new' || outcome === 'known') return
    }
  }

  async function ask(neighbour: Connection, author: string, stopped: AbortSignal): Promise<string[]> {
    try {
      const addresses = await stream.ask(neighbour, author, stopped)
      metrics.addressRequests.inc({ direction: 'sent', outcome: addresses.length > 0 ? 'answered' : 'unknown' })
      return addresses
    } catch (error) {
      if (stopped.aborted) return []
      metrics.addressRequests.inc({ direction: 'sent', outcome: 'failed' })
      log.debug({ peerId: neighbour.remotePeer.toString(), author, err: error }, 'a neighbour did not tell the addresses of an author')
      return []
    }
  }

  return async function round(stopped) {
    const open = connections()
    const neighbours = await thatAnswer(open, deps.peerStore)
    if (neighbours.length === 0) return
    const connected = new Set(open.map(({ remotePeer }) => remotePeer.toString()))
    const wanted = authors.toAskAbout(connected)
    await Promise.all(wanted.map((author) => findAuthor(author, neighbours, stopped)))
  }
}

/** One connection of each peer that said, by identify, that it answers such requests. */
async function thatAnswer(open: readonly Connection[], peerStore: Pick<PeerStore, 'get'>): Promise<Connection[]> {
  const byPeer = new Map(open.map((connection) => [connection.remotePeer.toString(), connection]))
  const answering: Connection[] = []
  for (const connection of byPeer.values()) {
    if (answering.length >= MAX_ASKED_PEERS) break
    const peer = await peerStore.get(connection.remotePeer).catch(() => undefined) // not identified yet: it is asked in a later round
    if (peer?.protocols.includes(PEER_ADDRESS_PROTOCOL)) answering.push(connection)
  }
  return answering
}
