import type { Logger } from 'pino'
import { repeat } from '../../lifecycle/time.ts'
import type { LookUpTexts, PeerPolicy } from '../../peers/ports.ts'
import type { GossipMetrics } from '../../telemetry/gossip-metrics.ts'
import type { ConnectionBook } from '../connections/connection-book.ts'
import { createDialler } from '../connections/dialler.ts'
import { createPeerSearch } from '../discovery/peer-search.ts'
import { type GossipNode, speaksGossip } from '../node/node.ts'
import { createDuplicateConnections } from './duplicate-connections.ts'
import { tagKnownPeers } from './known-tags.ts'
import { createLivenessCheck } from './liveness.ts'
import { dialInTime, reopenInTime } from './node-actions.ts'
import { createPeerStoreSweep } from './peer-store-sweep.ts'
import { StreamWatchdog } from './stream-watchdog.ts'
import type { GossipTimings } from './timings.ts'
import { createUnwantedPeers } from './unwanted-peers.ts'

export interface HousekeepingOptions {
  readonly topics: readonly string[]
  /** Whether the DHT is the public one, which millions of nodes ask. */
  readonly isPublic: boolean
  readonly exchangesAddresses: boolean
  readonly tellsAddresses: boolean
  readonly lookUpTexts: LookUpTexts
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

/** The host's background work: finds peers, keeps the known ones, repairs lost streams, closes connections that nobody needs. */
export function createHousekeeping(options: HousekeepingOptions, deps: HousekeepingDeps): Housekeeping {
  const { timings } = options
  const { node, log, random } = deps
  const dialler = createPlannedDials(options, deps)
  const search = createPeerSearch(options, { ...deps, onNew: () => dialler.wake() })
  const watchdog = watchStreams(options, deps)
  const duplicates = watchDuplicates(options, deps)
  const checkLiveness = createLiveness(options, deps)
  const closeUnwanted = createUnwanted(options, deps)
  const sweep = createSweep(deps)
  const stopping = new AbortController()
  const rounds = (task: string, everyMs: number, round: (stopped: AbortSignal) => Promise<void> | void) => {
    const onError = (err: unknown) => log.error({ err, task }, 'background task of the gossip host failed, it continues')
    return repeat({ everyMs, random, signal: stopping.signal, onError }, () => round(stopping.signal))
  }
  let running: Promise<unknown> | undefined
  const undo: (() => void)[] = []
  return {
    prepare: () => search.prepare(),
    start() {
      dialler.start()
      undo.push(
        tagKnownPeers({ peerStore: node.peerStore, known: deps.peers.known, log }),
        deps.peers.onChange(() => dialler.replan()),
      )
      running = Promise.all([
        search.run(stopping.signal),
        rounds('gossip streams', timings.streamCheckMs, (stopped) => watchdog.look(stopped)),
        rounds('second connections', timings.streamCheckMs, (stopped) => duplicates.look(stopped)),
        rounds('unwanted peers', timings.unwantedGraceMs / 10, closeUnwanted),
        rounds('pings', timings.pingIntervalMs, checkLiveness),
        rounds('peer store', timings.peerStoreSweepMs, sweep),
      ])
    },
    lost: (peerId) => dialler.lost(peerId),
    async stop() {
      stopping.abort()
      for (const end of undo) end()
      await Promise.all([running, dialler.stop()])
      await Promise.all([watchdog.settled(), duplicates.settled()])
    },
  }
}

function createPlannedDials({ timings }: HousekeepingOptions, { node, book, peers, log, metrics, now }: HousekeepingDeps) {
  const connections = {
    has: (peerId: string) => book.connectionsOf(peerId) > 0,
    get size() {
      return node.getConnections().length
    },
  }
  return createDialler({
    plan: peers.dials,
    connections,
    dial: (planned, stopped) => dialInTime(node, planned, timings, { stopped, now }),
    log,
    metrics,
  })
}

function watchStreams({ timings }: HousekeepingOptions, { node, peers, log, metrics, now, random }: HousekeepingDeps): StreamWatchdog {
  return new StreamWatchdog(
    { graceMs: timings.streamGraceMs, dialTimeoutMs: timings.dialTimeoutMs },
    {
      node,
      log,
      now,
      random,
      speaksGossip: (peer) => speaksGossip(node, peer),
      routed: () => new Set(node.services.pubsub.getPeers().map(String)),
      reopen: (peer, connection) => reopenInTime(node, peer, connection, timings),
      async dial(peer, stopped) {
        // Only the peer itself told us the addresses of a stranger: it comes back, or the dial plan tries it by its own rules.
        const addresses = peers.dials.addressesOf(peer.toString())
        if (addresses.length > 0) await dialInTime(node, { addresses, source: 'static' }, timings, { stopped, now })
      },
      onHeal: () => metrics.healedStreams.inc(),
    },
  )
}

function watchDuplicates({ timings }: HousekeepingOptions, { node, log, metrics, now }: HousekeepingDeps) {
  return createDuplicateConnections(
    { ownPeerId: node.peerId.toString(), graceMs: timings.duplicateGraceMs },
    {
      node,
      reopen: (peer, connection) => reopenInTime(node, peer, connection, timings),
      onClose: () => metrics.closedConnections.inc({ reason: 'duplicate' }),
      log,
      now,
    },
  )
}

function createLiveness({ timings }: HousekeepingOptions, { node, book, log, metrics, onAnswer, now }: HousekeepingDeps) {
  const answered = (peerId: string, askedAt: number) => {
    book.answered(peerId, Math.round(now() - askedAt))
    onAnswer(peerId, askedAt)
  }
  return createLivenessCheck(
    { timeoutMs: timings.pingTimeoutMs },
    { log, connections: () => node.getConnections(), onAbort: () => metrics.unanswered.inc(), onAnswer: answered, now },
  )
}

function createUnwanted({ timings, topics }: HousekeepingOptions, { node, peers, log, metrics, now }: HousekeepingDeps) {
  const { topics: subscribers } = node.services.pubsub
  return createUnwantedPeers(
    { graceMs: timings.unwantedGraceMs },
    {
      connections: () => node.getConnections(),
      // A host without topics is an entry for others, so all that come are welcome.
      isSubscribed: (peerId) => topics.length === 0 || topics.some((topic) => subscribers.get(topic)?.has(peerId)),
      isKnown: (peerId) => peers.known.has(peerId),
      plan: peers.dials,
      onClose: () => metrics.closedConnections.inc({ reason: 'unwanted' }),
      log,
      now,
    },
  )
}

function createSweep({ node, book, peers }: HousekeepingDeps) {
  const isKept = (peerId: string) => book.connectionsOf(peerId) > 0 || peers.known.has(peerId)
  return createPeerStoreSweep({}, { peerStore: node.peerStore, ownPeerId: node.peerId.toString(), isKept })
}
