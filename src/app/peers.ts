import type { Logger } from 'pino'
import type { Bans } from '../bans/bans.ts'
import type { Settings } from '../config/settings.ts'
import type { LogWriter } from '../events/writing/announcement-writer.ts'
import { gossipToLog } from '../flows/gossip-to-log.ts'
import { createGossipHost, type GossipHost } from '../gossip/host.ts'
import { createInboundRate } from '../gossip/messages/inbound-rate.ts'
import type { OwnIdentity } from '../identity/own-identity.ts'
import type { Health } from '../lifecycle/health.ts'
import { type AnnouncementType, kindOf } from '../messages/announcement.ts'
import { judgeGossip } from '../messages/judge-gossip.ts'
import type { FlowMetrics } from '../telemetry/flow-metrics.ts'
import type { GossipMetrics } from '../telemetry/gossip-metrics.ts'
import type { LogReading } from './log-reading.ts'
import type { WireFormats } from './wire-formats.ts'

export interface PeersDeps {
  readonly formats: WireFormats
  readonly own: OwnIdentity
  readonly bans: Pick<Bans, 'isBanned'>
  readonly reading: Pick<LogReading, 'seen' | 'siblings'>
  readonly writer: Pick<LogWriter, 'offer' | 'has'>
  readonly log: Logger
  readonly health: Health
  readonly gossipMetrics: GossipMetrics
  readonly metrics: FlowMetrics
}

export interface Peers {
  readonly host: GossipHost
  /** Connected peers of other nodes that listen to announcements of that kind. */
  foreignSubscribers(type: AnnouncementType): number
  /** Whether any peer of another node listens to anything. */
  hasForeignPeer(): boolean
  /** Resolves with how many peers of other nodes it was handed to. */
  publish(type: AnnouncementType, data: Uint8Array): Promise<number>
  /** Calls the listener when a peer came, went, or changed its subscriptions; returns the undo. */
  onChange(listener: () => void): () => void
}

/** The libp2p host, with every message that it hears judged and every accepted one on its way to the log. */
export async function createPeers(settings: Settings, deps: PeersDeps): Promise<Peers> {
  const { formats, reading } = deps
  const { nameOf } = formats.gossipTopics
  const listeners = new Set<() => void>()
  const host = await createGossipHost(hostOptions(settings, deps), {
    log: deps.log,
    metrics: deps.gossipMetrics,
    health: deps.health.part('gossip'),
    judge: createJudge(settings, deps),
    isBanned: (subject) => deps.bans.isBanned(subject),
    mayBeHeard: () => deps.own.isSure(),
    onPeersChanged: () => {
      for (const listener of listeners) listener()
    },
  })
  const isForeign = (peerId: string) => !reading.siblings.isSibling(peerId)
  const foreign = (topic: string) => host.subscribers(topic).filter(isForeign).length
  return {
    host,
    foreignSubscribers: (type) => foreign(nameOf[type]),
    hasForeignPeer: () => Object.values(nameOf).some((topic) => foreign(topic) > 0),
    publish: (type, data) => host.publish(nameOf[type], data, { priority: kindOf(type).gossip.priority, countIf: isForeign }),
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

function hostOptions(settings: Settings, { formats, own }: PeersDeps) {
  return {
    identity: own.identity,
    listenAddresses: settings.p2p_listen_addresses,
    port: settings.p2p_port,
    topics: Object.values(formats.gossipTopics.nameOf),
    advertiseAddresses: own.advertiseAddresses,
    staticPeers: settings.p2p_static_peers,
    bootstrapPeers: settings.p2p_bootstrapAddresses,
    ...(settings.p2p_shared_key ? { sharedKey: settings.p2p_shared_key } : {}),
    maxConnections: settings.p2p_max_connections,
    outboundRate: settings.gossip_outbound_rate,
  }
}

function createJudge(settings: Settings, deps: PeersDeps) {
  const { formats, metrics, reading, writer } = deps
  const { gossipRules: rules, gossipTopics } = formats
  const rate = createInboundRate({ ratePerSecond: settings.gossip_inbound_rate }, { now: Date.now })
  return gossipToLog(
    { network: settings.network, bridgeId: settings.bridge_id },
    {
      judge: judgeGossip({
        typeOf: gossipTopics.kindOf,
        maxBytes: rules.maxBytes,
        admit: (hop, signer) => rate.admit(hop, signer),
        decode: rules.decode,
        refusalReason: rules.refusalReason,
        isBanned: (subject) => deps.bans.isBanned(subject),
        headerFault: rules.headerFault,
        isSibling: (peerId) => peerId === deps.own.identity.peerId || reading.siblings.isSibling(peerId),
        eventId: formats.announcementId,
        isSeen: (id) => reading.seen.has(id) || writer.has(id),
      }),
      toRecord: formats.toEventRecord,
      offer: (id, record) => writer.offer(id, record),
      count: (topic, verdict, reason) => metrics.verdicts.inc({ type: gossipTopics.kindOf(topic) ?? 'unknown', verdict, reason }),
      now: Date.now,
    },
  )
}
