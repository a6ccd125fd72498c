import type { SubscriptionChangeData } from '@chainsafe/libp2p-gossipsub'
import { multiaddr } from '@multiformats/multiaddr'
import type { DialFailure } from '../peers/ports.ts'
import type { GossipSnapshot } from '../telemetry/gossip-metrics.ts'
import type { ConnectedPeer, ConnectionBook } from './connections/connection-book.ts'
import { type ConnectionGuard, createConnectionGuard } from './connections/connection-guard.ts'
import { dialFailure } from './connections/dial-failure.ts'
import { GossipStoppedError } from './errors.ts'
import type { GossipHost, GossipHostDeps, GossipHostOptions, GossipPeer } from './gossip-host.ts'
import type { DirectStreams } from './messages/direct-streams.ts'
import type { Publisher, PublishOptions } from './messages/publisher.ts'
import { ipOf } from './node/addresses.ts'
import type { GossipNode } from './node/node.ts'
import { startNode, stopInTime } from './node/node-lifecycle.ts'
import type { Refusals } from './refusals.ts'
import type { Housekeeping } from './upkeep/housekeeping.ts'

/** Upper bound on a dial that an operator asked for. */
const DIAL_MS = 8000

/** The parts of a host. */
export interface HostParts {
  readonly node: GossipNode
  readonly book: ConnectionBook
  readonly housekeeping: Housekeeping
  readonly publisher: Publisher
  readonly directStreams: DirectStreams
  readonly refusals: Pick<Refusals, 'count'>
  readonly rates: { readonly inboundRate: number }
  /** Stopped last, so that they can still log. */
  readonly toStop: readonly { stop(): void }[]
  readonly stopTimeoutMs: number
}

/** Starts, runs and stops the parts together. */
export class Libp2pHost implements GossipHost {
  readonly peerId: string
  readonly #options: GossipHostOptions
  readonly #deps: GossipHostDeps
  readonly #parts: HostParts
  readonly #guard: ConnectionGuard
  #isRunning = false
  #isChangeAnnounced = false
  #starting: Promise<void> | undefined
  #stopping: Promise<void> | undefined

  constructor(options: GossipHostOptions, deps: GossipHostDeps, parts: HostParts) {
    this.peerId = options.identity.peerId
    this.#options = options
    this.#deps = deps
    this.#parts = parts
    this.#guard = createConnectionGuard(
      {
        maxConnectionsPerPeer: options.maxConnectionsPerPeer ?? 4,
        get messagesPerSecond() {
          return parts.rates.inboundRate
        },
      },
      {
        node: parts.node,
        book: parts.book,
        log: deps.log,
        isBanned: deps.isBanned,
        onBanned: () => deps.metrics.banned.inc({ stage: 'open' }),
        onRefused: (reason, { remotePeer, remoteAddr }) =>
          parts.refusals.count(reason, { peerId: remotePeer.toString(), address: ipOf(remoteAddr) }),
        onLost: (peerId) => parts.housekeeping.lost(peerId),
        onChange: this.#peersChanged,
        now: () => deps.clock.steady(),
      },
    )
  }

  get #router(): GossipNode['services']['pubsub'] {
    return this.#parts.node.services.pubsub
  }

  start(): Promise<void> {
    if (this.#stopping !== undefined) return Promise.reject(new GossipStoppedError('the gossip host was stopped and cannot start again'))
    this.#starting ??= this.#start()
    return this.#starting
  }

  async #start(): Promise<void> {
    const { identity, listenAddresses, port, topics } = this.#options
    const { log, metrics } = this.#deps
    const { node, housekeeping, directStreams } = this.#parts
    this.#guard.start()
    this.#router.addEventListener('subscription-change', this.#subscriptionsChanged)
    await directStreams.start()
    await housekeeping.prepare()
    await startNode(node, { addresses: listenAddresses, port })
    if (this.#stopping !== undefined) return
    for (const topic of topics) this.#router.subscribe(topic)
    this.#isRunning = true
    housekeeping.start()
    metrics.readFrom(() => this.#snapshot())
    this.#tellPeers() // some may have come while the node started
    log.info({ peerId: identity.peerId, addresses: this.multiaddrs(), topics }, 'gossip host listens')
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop()
    return this.#stopping
  }

  async #stop(): Promise<void> {
    const { log, metrics, health } = this.#deps
    const { node, housekeeping, publisher, directStreams, toStop, stopTimeoutMs } = this.#parts
    this.#isRunning = false
    publisher.stop()
    directStreams.stop()
    health.notReady('stopped')
    metrics.readFrom(undefined)
    const before = Promise.all([this.#starting?.catch(() => {}), housekeeping.stop()])
    await stopInTime(node, { timeoutMs: stopTimeoutMs, before }, log)
    this.#guard.stop()
    for (const part of toStop) part.stop()
    this.#router.removeEventListener('subscription-change', this.#subscriptionsChanged)
  }

  publish(topic: string, data: Uint8Array, options: PublishOptions): Promise<number> {
    return this.#parts.publisher.publish(topic, data, options)
  }

  send(peerId: string, data: Uint8Array): Promise<void> {
    if (!this.#isRunning) return Promise.reject(new GossipStoppedError('the gossip host does not run'))
    return this.#parts.directStreams.send(peerId, data)
  }

  peers(): GossipPeer[] {
    const { topics } = this.#options
    const subscribed = topics.map((topic) => ({ topic, peers: new Set(this.subscribers(topic)) }))
    const meshes = topics.map((topic) => ({ topic, peers: new Set(this.#router.getMeshPeers(topic)) }))
    const ofPeer = (sets: typeof meshes, peerId: string) => sets.filter(({ peers }) => peers.has(peerId)).map(({ topic }) => topic)
    return this.#parts.book.peers().map((peer) => ({ ...peer, topics: ofPeer(subscribed, peer.peerId), mesh: ofPeer(meshes, peer.peerId) }))
  }

  subscribers(topic: string): string[] {
    return this.#router.getSubscribers(topic).map(String)
  }

  async connect(address: string): Promise<DialFailure | undefined> {
    if (!this.#isRunning) throw new GossipStoppedError('the gossip host does not run')
    try {
      await this.#parts.node.dial(multiaddr(address), { signal: AbortSignal.timeout(DIAL_MS) })
      return undefined
    } catch (error) {
      return dialFailure(error)
    }
  }

  disconnect(peerId: string): boolean {
    if (this.#parts.book.connectionsOf(peerId) === 0) return false
    this.#parts.book.abort(peerId, 'closed by an operator')
    return true
  }

  async enforceBans(): Promise<void> {
    this.#guard.enforceBans()
  }

  multiaddrs(): string[] {
    return this.#parts.node.getMultiaddrs().map(String)
  }

  readonly #subscriptionsChanged = ({ detail }: CustomEvent<SubscriptionChangeData>): void => {
    this.#peersChanged()
    const topics = detail.subscriptions.flatMap(({ topic, subscribe }) => (subscribe ? [topic] : []))
    if (this.#isRunning && topics.length > 0) this.#deps.onSubscribed?.(detail.peerId.toString(), topics)
  }

  /** Merges the changes of one turn of the event loop into one call. */
  readonly #peersChanged = (): void => {
    if (this.#isChangeAnnounced) return
    this.#isChangeAnnounced = true
    queueMicrotask(() => {
      this.#isChangeAnnounced = false
      if (this.#isRunning) this.#tellPeers()
    })
  }

  #tellPeers(): void {
    this.#deps.health.ready(`${this.#parts.book.peers().length} peers`)
    this.#deps.onPeersChanged?.()
  }

  #snapshot(): GossipSnapshot {
    const peers = this.#parts.book.peers()
    const inbound = peers.filter(({ direction }) => direction === 'inbound').length
    const queued = this.#parts.publisher.queued()
    const { topics } = this.#options
    return {
      peers: { inbound, outbound: peers.length - inbound },
      meshSizes: new Map(topics.map((topic) => [topic, this.#router.getMeshPeers(topic).length])),
      subscribers: new Map(topics.map((topic) => [topic, this.subscribers(topic).length])),
      queuedMessages: queued.messages,
      queuedBytes: queued.bytes,
      peersAtOneAddress: mostPeersAtOneAddress(peers),
      dhtPeers: this.#parts.node.services.dht?.routingTable.size ?? 0,
    }
  }
}

function mostPeersAtOneAddress(peers: readonly ConnectedPeer[]): number {
  const counts = new Map<string, number>()
  for (const { address } of peers) if (address !== null) counts.set(address, (counts.get(address) ?? 0) + 1)
  return Math.max(0, ...counts.values())
}
