import { Counter, Gauge, Histogram, type Registry } from 'prom-client'

/** The state of the gossip host at a scrape. */
export interface GossipSnapshot {
  readonly peers: { readonly inbound: number; readonly outbound: number }
  readonly meshSizes: ReadonlyMap<string, number>
  readonly subscribers: ReadonlyMap<string, number>
  readonly queuedMessages: number
  readonly queuedBytes: number
  readonly dhtPeers: number
  /** Most connected peers that have one IP address. */
  readonly peersAtOneAddress: number
}

/** Metrics of the gossip host: peers, meshes, messages in and out, and repaired connections. */
export function createGossipMetrics(registry: Registry) {
  const registers = [registry]
  let source: (() => GossipSnapshot) | undefined
  const peers = new Gauge({
    name: 'bridge_gossip_peers',
    help: 'Connected peers by the direction of their oldest connection',
    labelNames: ['direction'] as const,
    registers,
    collect() {
      const snapshot = source?.()
      if (snapshot === undefined) return
      peers.set({ direction: 'inbound' }, snapshot.peers.inbound)
      peers.set({ direction: 'outbound' }, snapshot.peers.outbound)
      for (const [topic, size] of snapshot.meshSizes) meshPeers.set({ topic }, size)
      for (const [topic, size] of snapshot.subscribers) subscribers.set({ topic }, size)
      queuedMessages.set(snapshot.queuedMessages)
      queuedBytes.set(snapshot.queuedBytes)
      dhtPeers.set(snapshot.dhtPeers)
      peersAtOneAddress.set(snapshot.peersAtOneAddress)
    },
  })
  const meshPeers = new Gauge({
    name: 'bridge_gossip_mesh_peers',
    help: 'Peers in our mesh of a topic',
    labelNames: ['topic'] as const,
    registers,
  })
  const subscribers = new Gauge({
    name: 'bridge_gossip_subscribers',
    help: 'Connected peers that are subscribed to a topic',
    labelNames: ['topic'] as const,
    registers,
  })
  const queuedMessages = new Gauge({ name: 'bridge_gossip_outbound_queue_messages', help: 'Messages that wait to be published', registers })
  const queuedBytes = new Gauge({
    name: 'bridge_gossip_outbound_queue_bytes',
    help: 'Size of the messages that wait to be published',
    registers,
  })
  const dhtPeers = new Gauge({ name: 'bridge_gossip_dht_peers', help: 'Peers in the routing table of the DHT', registers })
  const peersAtOneAddress = new Gauge({
    name: 'bridge_gossip_peers_at_one_address',
    help: 'Most connected peers that have one IP address. Above ten of a public one, Teranode takes points from all of them',
    registers,
  })
  const dialFailures = new Counter({
    name: 'bridge_gossip_dial_failures_total',
    help: 'Dials that failed or were not tried, by reason: wrong-peer, other-network, no-address, banned, unreachable',
    labelNames: ['kind', 'failure'] as const,
    registers,
  })
  const banned = new Counter({
    name: 'bridge_gossip_banned_connections_total',
    help: 'Connections refused or closed because of a ban',
    labelNames: ['stage'] as const,
    registers,
  })
  return {
    received: new Counter({
      name: 'bridge_gossip_received_messages_total',
      help: 'Messages received for the first time with a valid signature, by verdict',
      labelNames: ['topic', 'outcome'] as const,
      registers,
    }),
    published: new Counter({
      name: 'bridge_gossip_published_messages_total',
      help: 'Messages that we published, by outcome',
      labelNames: ['topic', 'outcome'] as const,
      registers,
    }),
    outboundWaitSeconds: new Histogram({
      name: 'bridge_gossip_outbound_wait_seconds',
      help: 'How long messages waited to be published; messages published at once are not counted',
      labelNames: ['priority'] as const,
      buckets: [0.001, 0.005, 0.025, 0.1, 0.5, 2, 10, 60],
      registers,
    }),
    dials: new Counter({
      name: 'bridge_gossip_dials_total',
      help: 'Dials of peers by their source (static, bootstrap, dht, found), by result',
      labelNames: ['kind', 'outcome'] as const,
      registers,
    }),
    dialFailures,
    directStreams: new Counter({
      name: 'bridge_gossip_direct_streams_total',
      help: 'Direct streams with a peer, by how they ended: received, sent, too-large, too-many, failed',
      labelNames: ['outcome'] as const,
      registers,
    }),
    handshakes: new Counter({
      name: 'bridge_gossip_handshakes_total',
      help: 'Handshakes and best-block answers, by what was sent, heard or left out',
      labelNames: ['outcome'] as const,
      registers,
    }),
    refusedOwn: new Counter({
      name: 'bridge_gossip_own_refused_total',
      help: 'Own messages that were not published because peers would ban this node for them',
      labelNames: ['type'] as const,
      registers,
    }),
    cappedHeights: new Counter({
      name: 'bridge_gossip_capped_heights_total',
      help: 'Heights announced by peers that are more than max_height_lead above the own best block, by kind of message',
      labelNames: ['type'] as const,
      registers,
    }),
    dhtQueries: new Counter({
      name: 'bridge_gossip_dht_queries_total',
      help: 'Queries of the DHT (advertise, find, look-up), by result',
      labelNames: ['kind', 'outcome'] as const,
      registers,
    }),
    addressRequests: new Counter({
      name: 'bridge_gossip_address_requests_total',
      help: 'Requests for the addresses of a peer, sent to neighbours and received, by outcome: answered, unknown, too-often, failed',
      labelNames: ['direction', 'outcome'] as const,
      registers,
    }),
    foundPeers: new Counter({
      name: 'bridge_gossip_found_peers_total',
      help: 'Peers found by the DHT or by asking neighbours, by what became of them: new, known, self, banned, private-address, no-address, too-many',
      labelNames: ['outcome'] as const,
      registers,
    }),
    localDials: new Counter({
      name: 'bridge_gossip_local_addresses_refused_total',
      help: 'Addresses in local networks that others told us and that were not dialled',
      registers,
    }),
    banned,
    refused: new Counter({
      name: 'bridge_gossip_refused_total',
      help: 'What peers sent or wanted, refused before a verdict, by reason; see the runbook for the reasons',
      labelNames: ['reason'] as const,
      registers,
    }),
    healedStreams: new Counter({
      name: 'bridge_gossip_healed_streams_total',
      help: 'Connections opened again because a gossip stream was lost',
      registers,
    }),
    oneSidedPeers: new Counter({
      name: 'bridge_gossip_one_sided_peers_total',
      help: 'Direct peers that do not treat us as one, so that they became ordinary peers',
      registers,
    }),
    closedConnections: new Counter({
      name: 'bridge_gossip_closed_connections_total',
      help: 'Connections that we closed to make room: unwanted (the peer subscribes to none of our topics), duplicate (a second one of a peer)',
      labelNames: ['reason'] as const,
      registers,
    }),
    unanswered: new Counter({
      name: 'bridge_gossip_unanswered_connections_total',
      help: 'Connections closed because pings were not answered',
      registers,
    }),
    /** Sets the source of the gauges. A later source replaces an earlier one. */
    readFrom(read: (() => GossipSnapshot) | undefined): void {
      source = read
    },
  }
}

export type GossipMetrics = ReturnType<typeof createGossipMetrics>
