import { multiaddr } from '@multiformats/multiaddr'
import type { Logger } from 'pino'
import { callWithDeadline, repeat, withDeadline } from '../../lifecycle/time.ts'
import type { PeerPolicy } from '../../peers/ports.ts'
import type { GossipMetrics } from '../../telemetry/gossip-metrics.ts'
import { createPeerSearch, type PeerSearchTimings } from '../discovery/peer-search.ts'
import { type GossipNode, speaksGossip } from '../node/node.ts'
import { reopenStream } from '../router/streams.ts'
import type { ConnectionBook } from './connection-book.ts'
import { createDialler } from './dialler.ts'
import { tagKnownPeers } from './known-tags.ts'
import { createLivenessCheck } from './liveness.ts'
import { createPeerStoreSweep } from './peer-store-sweep.ts'
import { StreamWatchdog } from './stream-watchdog.ts'

/** Intervals and time limits of the host's background work. Tests use shorter ones than the defaults. */
export interface GossipTimings extends PeerSearchTimings {
  readonly dialTimeoutMs: number
  readonly streamCheckMs: number
  readonly streamGraceMs: number
  readonly pingIntervalMs: number
  readonly pingTimeoutMs: number
  readonly peerStoreSweepMs: number
  readonly stopTimeoutMs: number
}

export const defaultTimings: GossipTimings = {
  // A Go peer with another shared key never answers, so every dial needs a deadline.
  dialTimeoutMs: 5000,
  streamCheckMs: 1000,
  streamGraceMs: 2000,
  pingIntervalMs: 10_000,
  pingTimeoutMs: 10_000,
  peerStoreSweepMs: 300_000,
  stopTimeoutMs: 5000,
  findEachMs: 10_000,
  findInPublicEachMs: 60_000,
  // Go nodes drop a record after a day and renew their own after three hours.
  advertiseEachMs: 9_000_000,
  queryTimeoutMs: 30_000,
  // As Teranode's message bus asks.
  askEachMs: 15_000,
  askTimeoutMs: 5000,
}

export interface HousekeepingOptions {
  readonly topics: readonly string[]
  /** Whether the DHT is the public one, which millions of nodes ask. */
  readonly isPublic: boolean
  readonly exchangesAddresses: boolean
  readonly timings: GossipTimings
}

export interface HousekeepingDeps {
  readonly node: GossipNode
  readonly book: ConnectionBook
  readonly peers: PeerPolicy
  readonly log: Logger
  readonly metrics: GossipMetrics
  readonly onAnswer: (peerId: string, askedAt: number) => void
  readonly now: () => number
  readonly random: () => number
}

export interface Housekeeping {
  /** Call before the node starts. */
  prepare(): Promise<void>
  start(): void
  /** Call when the last connection to a peer was closed. */
  lost(peerId: string): void
  stop(): Promise<void>
}

/** The host's background work: keeps known peers connected, repairs lost streams, drops dead connections, forgets strangers. */
export function createHousekeeping(options: HousekeepingOptions, deps: HousekeepingDeps): Housekeeping {
  const { timings } = options
  const { node, book, log, metrics, onAnswer, now, random } = deps
  const { dials, known } = deps.peers
  const isConnected = (peerId: string) => book.connectionsOf(peerId) > 0
  const dialler = createDialler({
    plan: dials,
    connections: {
      has: isConnected,
      get size() {
        return node.getConnections().length
      },
    },
    dial: (addresses, stopped) => dialInTime(node, addresses, timings, stopped),
    log,
    metrics,
  })
  const search = createPeerSearch(options, { ...deps, onNew: () => dialler.wake() })
  const watchdog = watchStreams(options, deps)
  const checkLiveness = createLivenessCheck(
    { timeoutMs: timings.pingTimeoutMs },
    { log, connections: () => node.getConnections(), onAbort: () => metrics.unanswered.inc(), onAnswer, now },
  )
  const sweep = createPeerStoreSweep(
    {},
    { peerStore: node.peerStore, ownPeerId: node.peerId.toString(), isKept: (peerId) => isConnected(peerId) || known.has(peerId) },
  )
  const stopping = new AbortController()
  const rounds = (task: string, everyMs: number, round: (stopped: AbortSignal) => Promise<void>) => {
    const onError = (err: unknown) => log.error({ err, task }, 'background task of the gossip host failed, it continues')
    return repeat({ everyMs, random, signal: stopping.signal, onError }, () => round(stopping.signal))
  }
  let running: Promise<unknown> | undefined
  let stopTagging: (() => void) | undefined
  return {
    prepare: () => search.prepare(),
    start() {
      dialler.start()
      stopTagging ??= tagKnownPeers({ peerStore: node.peerStore, known, log })
      running ??= Promise.all([
        search.run(stopping.signal),
        rounds('gossip streams', timings.streamCheckMs, (stopped) => watchdog.look(stopped)),
        rounds('pings', timings.pingIntervalMs, checkLiveness),
        rounds('peer store', timings.peerStoreSweepMs, sweep),
      ])
    },
    lost(peerId) {
      dialler.lost(peerId)
    },
    async stop() {
      stopping.abort()
      stopTagging?.()
      await Promise.all([running, dialler.stop()])
      await watchdog.settled()
    },
  }
}

function watchStreams({ timings }: HousekeepingOptions, deps: HousekeepingDeps): StreamWatchdog {
  const { node, log, metrics, now, random } = deps
  const { dials } = deps.peers
  return new StreamWatchdog(
    { graceMs: timings.streamGraceMs, dialTimeoutMs: timings.dialTimeoutMs },
    {
      node,
      log,
      now,
      random,
      speaksGossip: (peer) => speaksGossip(node, peer),
      routed: () => new Set(node.services.pubsub.getPeers().map(String)),
      reopen: (peer, connection) =>
        withDeadline(reopenStream(node.services.pubsub, peer, connection), timings.dialTimeoutMs, 'opening a gossip stream'),
      async dial(peer, stopped) {
        // Only the peer itself told us the addresses of a stranger: it comes back, or the dial plan tries it by its own rules.
        const addresses = dials.addressesOf(peer.toString())
        if (addresses.length > 0) await dialInTime(node, addresses, timings, stopped)
      },
      onHeal: () => metrics.healedStreams.inc(),
    },
  )
}

async function dialInTime(
  node: GossipNode,
  addresses: readonly string[],
  { dialTimeoutMs }: GossipTimings,
  stopped: AbortSignal,
): Promise<void> {
  const limit = { ms: dialTimeoutMs, what: 'a dial', signal: stopped }
  await callWithDeadline(limit, (signal) =>
    node.dial(
      addresses.map((address) => multiaddr(address)),
      { signal },
    ),
  )
}
