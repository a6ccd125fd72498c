import { isDeepStrictEqual } from 'node:util'
import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import type { Bans } from '../../bans/bans.ts'
import type { Settings } from '../../config/settings.ts'
import type { EventLog } from '../../events/event-log.ts'
import type { OwnTip } from '../../events/reading/own-tip.ts'
import type { appendOwnAnnouncements } from '../../events/writing/own-announcements.ts'
import { createGossipHost, type DirectObject, type GossipHost } from '../../gossip/host.ts'
import type { OwnIdentity } from '../../identity/own-identity.ts'
import { SYSTEM_CLOCK } from '../../lifecycle/clock.ts'
import type { Health } from '../../lifecycle/health.ts'
import { Listeners } from '../../lifecycle/listeners.ts'
import { type AnnouncementType, kindOf } from '../../messages/announcement.ts'
import type { Talk } from '../../messages/judge-gossip.ts'
import { Announced } from '../../peers/chain/announced.ts'
import { createPeerPolicy } from '../../peers/peer-policy.ts'
import type { PeerPolicy } from '../../peers/ports.ts'
import type { GossipOffences } from '../../scores/gossip-offences.ts'
import type { FlowMetrics } from '../../telemetry/flow-metrics.ts'
import type { GossipMetrics } from '../../telemetry/gossip-metrics.ts'
import type { Tracer } from '../../tracing/tracer.ts'
import type { WireFormats } from '../wire-formats.ts'
import { createBelievedHeights } from './believed-heights.ts'
import { dhtOptions, isPublicNetwork } from './dht.ts'
import { createHandshakes } from './handshakes.ts'
import { createJudge } from './judge.ts'
import { createOwnStatus } from './own-status.ts'
import { createRefusals } from './refusals.ts'
import { createWorkAdvice } from './work-advice.ts'

export interface PeersDeps {
  /** The settings in effect now. */
  readonly current: () => Settings
  readonly formats: WireFormats
  readonly own: OwnIdentity
  readonly bans: Pick<Bans, 'isBanned'>
  /** Undefined without a database. */
  readonly offences: GossipOffences | undefined
  readonly eventLog: Pick<EventLog, 'offer' | 'isSeen' | 'isSibling' | 'subscribe'>
  readonly ownTip: Pick<OwnTip, 'current' | 'onChange'>
  readonly appendOwn: ReturnType<typeof appendOwnAnnouncements>
  readonly version: string
  readonly log: Logger
  readonly health: Health
  readonly registry: Registry
  readonly gossipMetrics: GossipMetrics
  readonly metrics: FlowMetrics
  /** Undefined while nothing is traced. */
  readonly tracer?: Tracer | undefined
}

export interface Peers {
  readonly host: GossipHost
  /** Number of connected peers of other nodes that subscribe to a kind. */
  foreignSubscribers(type: AnnouncementType): number
  /** Whether any peer of another node subscribes to any kind. */
  hasForeignPeer(): boolean
  /** Resolves with the number of other nodes' peers that received it. */
  publish(type: AnnouncementType, data: Uint8Array, signal?: AbortSignal): Promise<number>
  /** What this bridge has announced, this instance and its siblings. */
  readonly announced: Announced
  /** Counts and logs an own message that is not published because it breaks a rule of the peers. */
  refused(type: AnnouncementType, fault: string): void
  /** Begins to exchange handshakes or statuses; call after the host has started. */
  startTalks(): void
  stopTalks(): void
  /** Closes connections of banned peers. */
  enforceBans(): void
  /** The settings have been read again: takes over the static peers. */
  reload(): void
  /** Calls the listener when a peer connects, leaves, or changes its subscriptions. Returns the unsubscribe function. */
  onChange(listener: () => void): () => void
  /** Calls the listener with the time of a ping that a subscribed peer of another node has answered. Returns the unsubscribe function. */
  onAnswer(listener: (askedAt: number) => void): () => void
}

/** The libp2p host. It judges every message that it receives and offers every accepted one to the event log. */
export async function createPeers(settings: Settings, deps: PeersDeps): Promise<Peers> {
  const { formats, eventLog } = deps
  const { names, namesOf } = formats.gossipTopics
  const changes = new Listeners()
  const answers = new Listeners<number>()
  const talks = new Listeners<{ talk: Talk; signer: string }>()
  const subscriptions = new Listeners<{ peerId: string; topics: readonly string[] }>()
  const objects = new Listeners<DirectObject>()
  const policy = createPolicy(settings, deps)
  const heights = createBelievedHeights(settings, deps)
  const announced = new Announced({ windowMs: settings.seen_window }, { clock: SYSTEM_CLOCK })
  const refusals = createRefusals(deps)
  const hear = createJudge(settings, {
    ...deps,
    policy,
    heights,
    workAdvice: createWorkAdvice(settings, deps),
    onTalk: (talk, signer) => talks.emit({ talk, signer }),
    onSiblingAnnounced(announcement) {
      if (foreignSubscribers(announcement.type) > 0) announced.add(announcement) // passed on to a peer of another node
    },
  })
  const host = await createGossipHost(hostOptions(settings, deps), {
    log: deps.log,
    metrics: deps.gossipMetrics,
    health: deps.health.part('gossip'),
    judge: hear,
    onSubscribed: (peerId, topics) => subscriptions.emit({ peerId, topics }),
    onDirectObject: (object) => objects.emit(object),
    isBanned: (subject) => deps.bans.isBanned(subject),
    mayBeHeard: () => deps.own.isSure(),
    clock: SYSTEM_CLOCK,
    peers: policy,
    onPeersChanged: () => changes.emit(),
    onAnswer: (peerId, askedAt) => {
      if (isForeign(peerId) && isSubscribed(peerId)) answers.emit(askedAt)
    },
  })
  const handshakes = createHandshakes(settings, { ...deps, host, hear, heights, talks, subscriptions, objects })
  const isForeign = (peerId: string) => !eventLog.isSibling(peerId)
  const isSubscribed = (peerId: string) => names.some((topic) => host.subscribers(topic).includes(peerId))
  const foreign = (topics: readonly string[]) => new Set(topics.flatMap((topic) => host.subscribers(topic)).filter(isForeign)).size
  const foreignSubscribers = (type: AnnouncementType) => foreign(namesOf[type])
  const publish = async (type: AnnouncementType, data: Uint8Array, signal?: AbortSignal) => {
    const options = { priority: kindOf(type).gossip.priority, countIf: isForeign, ...(signal && { signal }) }
    const recipients = await Promise.all(namesOf[type].map((topic) => host.publish(topic, data, options)))
    return recipients.reduce((sum, count) => sum + count, 0)
  }
  let statics = settings.p2p_static_peers
  const reload = () => {
    const { p2p_static_peers: now } = deps.current()
    if (!isDeepStrictEqual(now, statics)) policy.setStatic(now)
    statics = now
  }
  const status = createOwnStatus(settings, { ...deps, host, publish, onRefused: refusals.refused })
  return {
    host,
    announced,
    refused: refusals.refused,
    foreignSubscribers,
    hasForeignPeer: () => foreign(names) > 0,
    publish,
    startTalks() {
      handshakes.start()
      status.start()
    },
    stopTalks() {
      status.stop()
      handshakes.stop()
      refusals.stop()
    },
    enforceBans() {
      host.enforceBans().catch((error: unknown) => deps.log.warn({ err: error }, 'not all connections of banned peers could be closed'))
    },
    reload,
    onChange: (listener) => changes.add(listener),
    onAnswer: (listener) => answers.add(listener),
  }
}

function createPolicy(settings: Settings, { own, bans }: PeersDeps): PeerPolicy {
  const dht = dhtOptions(settings)
  return createPeerPolicy(
    {
      ownPeerId: own.identity.peerId,
      staticPeers: settings.p2p_static_peers,
      bootstrapPeers: settings.p2p_bootstrapAddresses,
      dhtPeers: dht && settings.p2p_shared_key === '' ? settings.p2p_dht_bootstrap_peers : [],
      isPublic: isPublicNetwork(settings),
      announcesAddresses: settings.listen_mode !== 'silent',
      sharePrivateAddresses: settings.p2p_share_private_addresses,
      optimiseRetries: settings.p2p_optimise_retries,
      maxConnections: settings.p2p_max_connections,
    },
    { isBanned: (subject) => bans.isBanned(subject), clock: SYSTEM_CLOCK },
  )
}

function hostOptions(settings: Settings, { current, formats, own }: PeersDeps) {
  const dht = dhtOptions(settings)
  const { isMessageBus } = formats.dialect
  return {
    exchangesAddresses: isMessageBus,
    tellsAddresses: settings.listen_mode !== 'silent',
    scoresNeighbours: isMessageBus,
    directPeers: isMessageBus && settings.p2p_direct_peers,
    identity: own.identity,
    listenAddresses: settings.p2p_listen_addresses,
    port: settings.p2p_port,
    topics: formats.gossipTopics.names,
    advertiseAddresses: settings.listen_mode === 'silent' ? [] : own.advertiseAddresses,
    ...(settings.p2p_shared_key ? { sharedKey: settings.p2p_shared_key } : {}),
    ...(dht && { dht }),
    maxConnections: settings.p2p_max_connections,
    get outboundRate() {
      return current().gossip_outbound_rate
    },
    get inboundRate() {
      return current().gossip_inbound_rate
    },
    maxConnectionsPerAddress: settings.p2p_max_connections_per_address,
  }
}
