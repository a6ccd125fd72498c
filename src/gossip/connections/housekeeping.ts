import type { PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { Logger } from 'pino'
import { callWithDeadline, repeat } from '../../lifecycle/time.ts'
import type { GossipMetrics } from '../../telemetry/gossip-metrics.ts'
import type { KnownPeer } from '../node/addresses.ts'
import { type GossipNode, speaksGossip } from '../node/node.ts'
import type { ConnectionBook } from './connection-book.ts'
import { createKnownPeers, type KnownPeersOptions } from './known-peers.ts'
import { createLivenessCheck } from './liveness.ts'
import { createPeerStoreSweep } from './peer-store-sweep.ts'
import { StreamWatchdog } from './stream-watchdog.ts'

/** Intervals and time limits of the host's background work. Tests use shorter ones than the defaults. */
export interface GossipTimings {
  readonly staticRetryMs: number
  readonly staticCheckMs: number
  readonly dialTimeoutMs: number
  readonly streamCheckMs: number
  readonly streamGraceMs: number
  readonly pingIntervalMs: number
  readonly pingTimeoutMs: number
  readonly peerStoreSweepMs: number
  readonly stopTimeoutMs: number
}

export const defaultTimings: GossipTimings = {
  staticRetryMs: 5000,
  staticCheckMs: 30_000,
  // A Go peer with another shared key never answers, so every dial needs a deadline.
  dialTimeoutMs: 5000,
  streamCheckMs: 1000,
  streamGraceMs: 2000,
  pingIntervalMs: 10_000,
  pingTimeoutMs: 10_000,
  peerStoreSweepMs: 300_000,
  stopTimeoutMs: 5000,
}

export interface HousekeepingOptions {
  readonly staticPeers: readonly KnownPeer[]
  readonly bootstrapPeers: readonly KnownPeer[]
  readonly timings: GossipTimings
}

export interface HousekeepingDeps {
  readonly node: GossipNode
  readonly book: ConnectionBook
  readonly log: Logger
  readonly metrics: GossipMetrics
  readonly onAnswer: (peerId: string, askedAt: number) => void
  readonly now: () => number
  readonly random: () => number
}

export interface Housekeeping {
  start(): void
  /** Call when the last connection to a peer was closed. */
  lost(peerId: string): void
  stop(): Promise<void>
}

/** The host's background work: keeps known peers connected, repairs lost streams, drops dead connections, forgets strangers. */
export function createHousekeeping(options: HousekeepingOptions, deps: HousekeepingDeps): Housekeeping {
  const { staticPeers, bootstrapPeers, timings } = options
  const { node, book, log, metrics, onAnswer, now, random } = deps
  const isConnected = (peerId: string) => book.connectionsOf(peerId) > 0
  const groups = [keepPeers('static', staticPeers, timings, deps), keepPeers('bootstrap', bootstrapPeers, timings, deps)]
  const watchdog = watchStreams(options, deps)
  const checkLiveness = createLivenessCheck(
    { timeoutMs: timings.pingTimeoutMs },
    { log, connections: () => node.getConnections(), onAbort: () => metrics.unanswered.inc(), onAnswer, now },
  )
  const sweep = createPeerStoreSweep({}, { peerStore: node.peerStore, ownPeerId: node.peerId.toString(), isConnected })
  const stopping = new AbortController()
  const rounds = (task: string, everyMs: number, round: (stopped: AbortSignal) => Promise<void>) => {
    const onError = (err: unknown) => log.error({ err, task }, 'background task of the gossip host failed, it continues')
    return repeat({ everyMs, random, signal: stopping.signal, onError }, () => round(stopping.signal))
  }
  let running: Promise<unknown> | undefined
  return {
    start() {
      for (const group of groups) group.start()
      running ??= Promise.all([
        rounds('gossip streams', timings.streamCheckMs, (stopped) => watchdog.look(stopped)),
        rounds('pings', timings.pingIntervalMs, checkLiveness),
        rounds('peer store', timings.peerStoreSweepMs, sweep),
      ])
    },
    lost(peerId) {
      for (const group of groups) group.lost(peerId)
    },
    async stop() {
      stopping.abort()
      await Promise.all([running, ...groups.map((group) => group.stop())])
      await watchdog.settled()
    },
  }
}

function keepPeers(kind: KnownPeersOptions['kind'], peers: readonly KnownPeer[], timings: GossipTimings, deps: HousekeepingDeps) {
  const { node, book, log, metrics, random } = deps
  return createKnownPeers(
    { kind, peers, retryMs: timings.staticRetryMs, checkMs: timings.staticCheckMs },
    {
      log,
      random,
      isConnected: (peerId) => book.connectionsOf(peerId) > 0,
      async dial({ addresses }, stopped) {
        try {
          await dialInTime(node, [...addresses], timings, stopped)
          metrics.dials.inc({ kind, outcome: 'connected' })
        } catch (error) {
          metrics.dials.inc({ kind, outcome: 'failed' })
          throw error
        }
      },
    },
  )
}

function watchStreams({ staticPeers, bootstrapPeers, timings }: HousekeepingOptions, deps: HousekeepingDeps): StreamWatchdog {
  const { node, log, metrics, now, random } = deps
  const addressesOf = new Map([...bootstrapPeers, ...staticPeers].map(({ peerId, addresses }) => [peerId, [...addresses]]))
  return new StreamWatchdog(
    { graceMs: timings.streamGraceMs, dialTimeoutMs: timings.dialTimeoutMs },
    {
      node,
      log,
      now,
      random,
      speaksGossip: (peer) => speaksGossip(node, peer),
      routed: () => new Set(node.services.pubsub.getPeers().map(String)),
      dial: (peer, stopped) => dialInTime(node, addressesOf.get(peer.toString()) ?? peer, timings, stopped),
      onHeal: () => metrics.healedStreams.inc(),
    },
  )
}

async function dialInTime(
  node: GossipNode,
  target: PeerId | Multiaddr[],
  { dialTimeoutMs }: GossipTimings,
  stopped: AbortSignal,
): Promise<void> {
  await callWithDeadline({ ms: dialTimeoutMs, what: 'a dial', signal: stopped }, (signal) => node.dial(target, { signal }))
}
