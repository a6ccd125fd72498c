import type { Logger } from 'pino'
import type { Identity } from '../identity/ports.ts'
import type { Clock } from '../lifecycle/clock.ts'
import type { PartHealth } from '../lifecycle/health.ts'
import type { DialFailure, PeerPolicy } from '../peers/ports.ts'
import type { GossipMetrics } from '../telemetry/gossip-metrics.ts'
import type { ConnectedPeer } from './connections/connection-book.ts'
import type { BanSubject } from './connections/connection-gater.ts'
import type { DirectObject } from './messages/direct-streams.ts'
import type { PublishOptions } from './messages/publisher.ts'
import type { Judge } from './messages/topic-validator.ts'
import type { DhtOptions } from './node/dht.ts'
import type { GossipTimings } from './upkeep/timings.ts'

export interface GossipHostOptions {
  readonly identity: Identity
  /** `p2p_listen_addresses`: IPv4 and IPv6 addresses. */
  readonly listenAddresses: readonly string[]
  /** `p2p_port`; 0 takes any free port. */
  readonly port: number
  /** Full names of the topics that we subscribe to and publish on. All others are ignored. */
  readonly topics: readonly string[]
  /** `p2p_advertise_addresses`: `host`, `host:port` or a multiaddress; an empty list announces the addresses that we listen on. */
  readonly advertiseAddresses?: readonly string[]
  /** Finds peers by a DHT. */
  readonly dht?: DhtOptions
  /** Answers, and without a DHT asks, where other peers are, as the nodes of Teranode's message bus do. */
  readonly exchangesAddresses?: boolean
  /** False for a host that asks only: it tells nobody of itself or others. */
  readonly tellsAddresses?: boolean
  /** Scores neighbours as Teranode's nodes do. */
  readonly scoresNeighbours?: boolean
  /** DNS servers for lists of peers, as `address:port`; those of the system by default. */
  readonly dnsServers?: readonly string[]
  /** `p2p_direct_peers`: peers of the settings are direct peers of the router. */
  readonly directPeers?: boolean
  /** `p2p_shared_key`: makes the network private. */
  readonly sharedKey?: string
  readonly maxConnections?: number
  /** A peer needs one connection, or two when both sides dial at once; more would only use up `maxConnections`. */
  readonly maxConnectionsPerPeer?: number
  readonly maxConnectionsPerSecondAndAddress?: number
  /** Connections of strangers from one IPv4 address or IPv6 /64. */
  readonly maxConnectionsPerAddress?: number
  /** `gossip_outbound_rate`: messages a second, 0 is off. Asked each time: a reload may change it. */
  readonly outboundRate?: number
  readonly maxQueuedMessages?: number
  /** `gossip_inbound_rate`: messages verified a second, 0 is off. Asked each time: a reload may change it. */
  readonly inboundRate?: number
  /** Upper bound on judgements in progress; further messages are ignored. */
  readonly maxPendingJudgements?: number
  readonly userAgent?: string
  /** Time limit of a direct stream. */
  readonly directTimeoutMs?: number
  readonly timings?: Partial<GossipTimings>
}

export interface GossipHostDeps {
  readonly log: Logger
  readonly metrics: GossipMetrics
  readonly health: PartHealth
  /** Decides whether a message is passed on. Called once per message; must not wait for Kafka or any other service. */
  readonly judge: Judge
  readonly isBanned: (subject: BanSubject) => boolean
  /** A peer has subscribed to topics. */
  readonly onSubscribed?: (peerId: string, topics: readonly string[]) => void
  /** A connected peer sent an object on a direct stream. */
  readonly onDirectObject?: (object: DirectObject) => void
  /** Whom to dial, and which addresses. */
  readonly peers: PeerPolicy
  /** False when another host may use this identity: from then on nothing is published or passed on. */
  readonly mayBeHeard?: () => boolean
  /** A peer connected, disconnected, or changed its subscriptions. */
  readonly onPeersChanged?: () => void
  /** A peer answered the ping that was sent to it at `askedAt`, by the steady clock. It has read all that was sent to it before. */
  readonly onAnswer?: (peerId: string, askedAt: number) => void
  readonly clock: Pick<Clock, 'steady' | 'wall'>
  readonly random?: () => number
}

export interface GossipPeer extends ConnectedPeer {
  /** Topics of ours that the peer is subscribed to. */
  readonly topics: string[]
  /** Topics in whose mesh it is. */
  readonly mesh: string[]
}

export interface GossipHost {
  readonly peerId: string
  /** Listens, subscribes, and keeps the known peers connected. Rejects with a GossipStartError that says what to do. */
  start(): Promise<void>
  /** Always returns within a few seconds, whatever libp2p does. */
  stop(): Promise<void>
  /**
   * Signs the message and sends it at the outbound rate. Resolves with the number of peers that received it. Rejects with
   * MessageTooLargeError (permanent), OutboundFullError (try later) or GossipStoppedError.
   */
  publish(topic: string, data: Uint8Array, options: PublishOptions): Promise<number>
  /** Sends an object to a connected peer on a direct stream. Rejects if the peer does not take it. */
  send(peerId: string, data: Uint8Array): Promise<void>
  peers(): GossipPeer[]
  /** Connected peers that are subscribed to the topic. */
  subscribers(topic: string): string[]
  /**
   * Dials a multiaddress that ends in a peer id, now and once. Resolves with the reason when no connection comes about. A banned peer and
   * an address that this host may not dial are refused, as for all dials.
   */
  connect(address: string): Promise<DialFailure | undefined>
  /** Closes all connections of a peer. False if it has none. It may connect again. */
  disconnect(peerId: string): boolean
  /** Closes open connections whose peer or address is now banned. */
  enforceBans(): Promise<void>
  /** The addresses that other nodes can dial, each with our peer id. */
  multiaddrs(): string[]
}
