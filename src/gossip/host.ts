import type { Connection } from '@libp2p/interface'
import type { Logger } from 'pino'
import type { PartHealth } from '../lifecycle/health.ts'
import type { GossipMetrics } from '../telemetry/gossip-metrics.ts'
import { announceMultiaddrs, type KnownPeer, knownPeers, listenMultiaddrs } from './addresses.ts'
import { type ConnectedPeer, createConnectionBook } from './connection-book.ts'
import { type BanSubject, createConnectionGater, subjectOf } from './connection-gater.ts'
import { GossipStoppedError } from './errors.ts'
import { createHousekeeping, defaultTimings, type GossipTimings } from './housekeeping.ts'
import type { Identity } from './identity.ts'
import { createNode, maxMessageBytes } from './node.ts'
import { startNode, stopInTime } from './node-lifecycle.ts'
import type { Priority } from './outbound-pacer.ts'
import { swarmKeyOf } from './pre-shared-key.ts'
import { createPublisher } from './publisher.ts'
import { createTopicValidator, type Judge } from './topic-validator.ts'

export type { Priority } from './outbound-pacer.ts'
export type { GossipMessage, Judge, RouterVerdict } from './topic-validator.ts'

export interface GossipHostOptions {
  readonly identity: Identity
  /** `p2p_listen_addresses`: IPv4 and IPv6 addresses. */
  readonly listenAddresses: readonly string[]
  /** `p2p_port`; 0 takes any free port. */
  readonly port: number
  /** Full topic names, to subscribe to and to publish on. All others are ignored. */
  readonly topics: readonly string[]
  /** `p2p_advertise_addresses`: `host` or `host:port`; none announces the addresses that we listen on. */
  readonly advertiseAddresses?: readonly string[]
  readonly staticPeers?: readonly string[]
  readonly bootstrapPeers?: readonly string[]
  /** `p2p_shared_key`: makes the network private. */
  readonly sharedKey?: string
  readonly maxConnections?: number
  /** One peer has one connection, or two when both dial at once; more only take places away from others. */
  readonly maxConnectionsPerPeer?: number
  readonly maxConnectionsPerSecondAndAddress?: number
  /** `gossip_outbound_rate`: messages a second, 0 is off. */
  readonly outboundRate?: number
  readonly maxQueuedMessages?: number
  /** Judgements that may be under way at once; messages beyond are ignored. */
  readonly maxPendingJudgements?: number
  readonly userAgent?: string
  readonly timings?: Partial<GossipTimings>
}

export interface GossipHostDeps {
  readonly log: Logger
  readonly metrics: GossipMetrics
  readonly health: PartHealth
  /** Decides whether a message is passed on. Called for each message once, and it must not wait for anything outside. */
  readonly judge: Judge
  readonly isBanned: (subject: BanSubject) => boolean
  /** A peer came, went, or changed its subscriptions. */
  readonly onPeersChanged?: () => void
  readonly now?: () => number
  readonly random?: () => number
}

export interface GossipPeer extends ConnectedPeer {
  readonly topics: string[]
}

export interface PublishOptions {
  readonly priority: Priority
  /** Counts only these recipients, so that a caller can tell whether anybody but its own siblings was reached. */
  readonly countIf?: (peerId: string) => boolean
}

export interface GossipHost {
  readonly peerId: string
  /** Listens, subscribes, and from then on keeps its known peers. Rejects with a GossipStartError that says what to do. */
  start(): Promise<void>
  /** Always returns within a few seconds, whatever libp2p does. */
  stop(): Promise<void>
  /**
   * Signs and sends a message when its turn comes, and resolves with the number of peers that it was handed to. Rejects with
   * MessageTooLargeError (permanent), OutboundFullError (try later) or GossipStoppedError.
   */
  publish(topic: string, data: Uint8Array, options: PublishOptions): Promise<number>
  peers(): GossipPeer[]
  /** Connected peers that are subscribed to the topic. */
  subscribers(topic: string): string[]
  /** Closes the open connections that are banned by now. */
  enforceBans(): Promise<void>
  /** The addresses that others can dial, each with our peer id. */
  multiaddrs(): string[]
}

/** The bridge's node in the GossipSub network: libp2p, and all that it needs to stay connected and to stay out of trouble. */
export async function createGossipHost(options: GossipHostOptions, deps: GossipHostDeps): Promise<GossipHost> {
  const { log, metrics, health, judge, isBanned, onPeersChanged, now = Date.now, random = Math.random } = deps
  const { identity, listenAddresses, port, topics, maxConnectionsPerPeer = 4 } = options
  const timings = { ...defaultTimings, ...options.timings }
  const book = createConnectionBook()
  const onRefused = (stage: 'dial' | 'accept' | 'open') => metrics.banned.inc({ stage })
  const node = await createNode(
    {
      identity,
      topics,
      listen: listenMultiaddrs(listenAddresses, port),
      announce: announceMultiaddrs(options.advertiseAddresses ?? [], port),
      ...(options.sharedKey !== undefined && { swarmKey: swarmKeyOf(options.sharedKey) }),
      maxConnections: options.maxConnections ?? 300,
      maxConnectionsPerSecondAndAddress: options.maxConnectionsPerSecondAndAddress ?? 50,
      userAgent: options.userAgent ?? 'gossip-bridge',
    },
    { connectionGater: createConnectionGater({ log, isBanned, onRefused }) },
  )
  const { pubsub } = node.services
  const publisher = createPublisher(
    { topics, outboundRate: options.outboundRate, maxQueuedMessages: options.maxQueuedMessages, maxMessageBytes },
    { node, metrics, now },
  )
  const housekeeping = createHousekeeping(
    {
      staticPeers: others('p2p_static_peers', options.staticPeers),
      bootstrapPeers: others('p2p_bootstrapAddresses', options.bootstrapPeers),
      timings,
    },
    { node, book, log, metrics, now, random },
  )
  const validate = createTopicValidator(
    { ownPeerId: identity.peerId, maxMessageBytes, maxPending: options.maxPendingJudgements ?? 1000 },
    { log, now, judge, addressOf: book.addressOf, onOutcome: (topic, outcome) => metrics.received.inc({ topic, outcome }) },
  )
  for (const topic of topics) pubsub.topicValidators.set(topic, validate)

  let state: 'new' | 'running' | 'stopping' = 'new'
  let starting: Promise<void> | undefined
  let stopping: Promise<void> | undefined
  let isChangeAnnounced = false

  /** Several changes in one go are one call. */
  function peersChanged(): void {
    if (isChangeAnnounced) return
    isChangeAnnounced = true
    queueMicrotask(() => {
      isChangeAnnounced = false
      if (state !== 'running') return
      health.ready(`${book.peers().length} peers`)
      onPeersChanged?.()
    })
  }

  function onOpen({ detail: connection }: CustomEvent<Connection>): void {
    book.opened(connection)
    // Once more, since a ban may have come between the gater's last look and this moment.
    if (closeIfBanned(connection)) return
    if (book.connectionsOf(connection.remotePeer.toString()) > maxConnectionsPerPeer)
      connection.abort(new Error('too many connections of one peer'))
    peersChanged()
  }

  function onClose({ detail: connection }: CustomEvent<Connection>): void {
    book.closed(connection)
    const peerId = connection.remotePeer.toString()
    if (book.connectionsOf(peerId) === 0) housekeeping.lost(peerId)
    peersChanged()
  }

  function closeIfBanned(connection: Connection): boolean {
    const subject = subjectOf(connection, connection.remotePeer)
    if (!isBanned(subject)) return false
    onRefused('open')
    log.info(subject, 'connection closed, banned')
    connection.abort(new Error('banned'))
    return true
  }

  /** The settings may name ourselves: nodes of one site often share one list. */
  function others(setting: string, addresses: readonly string[] = []): KnownPeer[] {
    return knownPeers(setting, addresses).filter(({ peerId }) => peerId !== identity.peerId)
  }

  async function start(): Promise<void> {
    await startNode(node, { addresses: listenAddresses, port })
    for (const topic of topics) pubsub.subscribe(topic)
    state = 'running'
    housekeeping.start()
    metrics.readFrom(snapshot)
    health.ready('0 peers')
    log.info({ peerId: identity.peerId, addresses: node.getMultiaddrs().map(String), topics: topics.length }, 'gossip host listens')
  }

  function snapshot() {
    const peers = book.peers()
    const inbound = peers.filter(({ direction }) => direction === 'inbound').length
    const queued = publisher.queued()
    return {
      peers: { inbound, outbound: peers.length - inbound },
      meshSizes: new Map(topics.map((topic) => [topic, pubsub.getMeshPeers(topic).length])),
      subscribers: new Map(topics.map((topic) => [topic, pubsub.getSubscribers(topic).length])),
      queuedMessages: queued.messages,
      queuedBytes: queued.bytes,
    }
  }

  async function stop(): Promise<void> {
    state = 'stopping'
    publisher.stop()
    health.notReady('stopped')
    metrics.readFrom(undefined)
    await stopInTime(node, { timeoutMs: timings.stopTimeoutMs, before: Promise.all([starting?.catch(() => {}), housekeeping.stop()]) }, log)
    node.removeEventListener('connection:open', onOpen)
    node.removeEventListener('connection:close', onClose)
    pubsub.removeEventListener('subscription-change', peersChanged)
  }

  return {
    peerId: identity.peerId,
    start() {
      if (state === 'stopping') return Promise.reject(new GossipStoppedError('the gossip host was stopped and cannot start again'))
      if (starting !== undefined) return starting
      node.addEventListener('connection:open', onOpen)
      node.addEventListener('connection:close', onClose)
      pubsub.addEventListener('subscription-change', peersChanged)
      starting = start()
      return starting
    },
    stop() {
      stopping ??= stop()
      return stopping
    },
    publish: publisher.publish,
    peers() {
      const subscribed = topics.map((topic) => ({ topic, peers: new Set(pubsub.getSubscribers(topic).map(String)) }))
      return book.peers().map((peer) => ({
        ...peer,
        topics: subscribed.filter(({ peers }) => peers.has(peer.peerId)).map(({ topic }) => topic),
      }))
    },
    subscribers: (topic) => pubsub.getSubscribers(topic).map(String),
    async enforceBans() {
      for (const connection of node.getConnections()) closeIfBanned(connection)
    },
    multiaddrs: () => node.getMultiaddrs().map(String),
  }
}
