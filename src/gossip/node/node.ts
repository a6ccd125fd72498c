// Must precede libp2p: its streams need the polyfill on Node 20.
import '../../lifecycle/promise-with-resolvers.ts'

import { gossipsub, StrictSign } from '@chainsafe/libp2p-gossipsub'
import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { type Identify, identify } from '@libp2p/identify'
import type { ConnectionGater, Libp2p, PeerId } from '@libp2p/interface'
import { type Ping, ping } from '@libp2p/ping'
import { preSharedKey } from '@libp2p/pnet'
import { tcp } from '@libp2p/tcp'
import { createLibp2p } from 'libp2p'
import type { Identity } from '../../identity/ports.ts'
import { catchUpNewPeers } from '../router/catch-up.ts'
import { keepNoDeliveryRecords } from '../router/delivery-records.ts'
import { type DirectPeersDeps, keepDirectPeers } from '../router/direct-peers.ts'
import { guardRouter, type RouterGuardDeps } from '../router/guard/guard.ts'
import { RPC_BOUNDS } from '../router/guard/rpc-bounds.ts'
import { ignoreLateGoodbyes } from '../router/late-goodbye.ts'
import { offerOnlyToNeighbours } from '../router/offers.ts'
import type { Router } from '../router/router.ts'
import { sendInParts } from '../router/send-in-parts.ts'
import { createDht, type Dht, type DhtOptions } from './dht.ts'
import { boundDht } from './dht-bounds.ts'
import { createResolvers, type ResolversDeps } from './dns-resolver.ts'
import { bytesAsKey, goMessageId, quickMessageId } from './message-id.ts'
import { lenientScores, teranodeScores } from './scores.ts'
import { MAX_FRAME_BYTES } from './transport/largest-frame.ts'
import { inOneWrite } from './transport/one-write.ts'
import { updateWindowsByHalf } from './transport/window-updates.ts'

/** Go's limit for one RPC. With a higher limit we would relay a message for which every Go neighbour disconnects us. */
const maxRpcBytes = 1 << 20

/**
 * Largest payload of a message that we accept. The rest of an RPC is for the signature and for the router's additions (control
 * messages, lists of message ids).
 */
export const maxMessageBytes = maxRpcBytes - (64 << 10)

/**
 * Largest payload that we publish or relay. By default rust-libp2p takes 64 KiB in an RPC, signature and topic included; above that
 * it no longer reads from our stream. Announcements have less than 1 KiB.
 */
export const maxSharedBytes = 60 << 10

/** libp2p aborts a peer's stream with this many unsent bytes; the watchdog then repairs it. */
const maxUnsentBytesPerPeer = 8 << 20

/** Above the bound of our own, which counts what it refuses. */
const MAX_STREAMS_PER_CONNECTION = 80
/** A peer uses one, and for a moment two while it replaces it. */
const MAX_GOSSIP_STREAMS = 4
/** Above the bound of places.ts, which counts what it refuses. */
const MAX_WAITING_SOCKETS = 1000
/** Within it a peer has to say which protocol it wants on a new stream. */
const NEGOTIATION_TIMEOUT_MS = 5000
/** Of each address behind a name: see dial-in-turn.ts. */
const ADDRESS_DIAL_TIMEOUT_MS = 5000

export type GossipNode = Libp2p<{ identify: Identify; ping: Ping; pubsub: Router; dht?: Dht }>

export interface NodeOptions {
  readonly identity: Identity
  readonly listen: string[]
  readonly announce: string[]
  readonly topics: readonly string[]
  /** A swarm key file; if set, only peers with the same key can connect. */
  readonly swarmKey?: Uint8Array
  readonly maxConnections: number
  readonly maxConnectionsPerSecondAndAddress: number
  readonly userAgent: string
  /** Without it, the node takes no part in a DHT. */
  readonly dht?: DhtOptions
  /** Leaves out what makes libp2p write less often: for comparisons with libp2p as it is. */
  readonly writesOften?: boolean
}

export interface NodeDeps {
  readonly connectionGater: ConnectionGater
  /** Told what a DNS name of an address stands for, before the gater is asked. */
  readonly resolved?: (address: string, results: readonly string[]) => void
  /** The addresses for which a `/dnsaddr/` address stands; none by default. */
  readonly resolveList?: ResolversDeps['resolveList']
  /** Whether peers may be told an address at which we listen. */
  readonly mayAnnounce?: (address: string) => boolean
  /** What neighbours may cost. Without it, the router takes whatever they send. */
  readonly guard?: Omit<RouterGuardDeps, 'keyOf'>
  /** Scores neighbours as Teranode's nodes do, except known ones. Without it, nobody is scored by address. */
  readonly scored?: { readonly isKnown: (peerId: string) => boolean }
  /** Without it, all peers are ordinary ones. */
  readonly direct?: DirectPeersDeps
}

/** Creates a libp2p node, not yet started, with the settings that measurements (with Go peers too) showed to be necessary. */
export async function createNode(options: NodeOptions, deps: NodeDeps): Promise<GossipNode> {
  const { connectionGater, resolved = () => {}, resolveList = async () => [], mayAnnounce = () => true } = deps
  const { writesOften = false } = options
  if (!writesOften) updateWindowsByHalf()
  const node = await createLibp2p({
    start: false,
    privateKey: options.identity.privateKey,
    nodeInfo: { userAgent: options.userAgent },
    addresses: {
      listen: options.listen,
      announce: options.announce,
      // Addresses of the settings are the operator's wish.
      announceFilter: (found) => (options.announce.length > 0 ? found : found.filter((address) => mayAnnounce(address.toString()))),
    },
    transports: [writesOften ? tcp() : inOneWrite(tcp())],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux({ maxInboundStreams: MAX_STREAMS_PER_CONNECTION, streamOptions: { maxStreamWindowSize: MAX_FRAME_BYTES } })],
    ...(options.swarmKey && { connectionProtector: preSharedKey({ psk: options.swarmKey }) }),
    connectionGater,
    // By default libp2p forgets a peer of which it has heard nothing new for six hours, although the peer is connected: its tags, and that
    // it speaks GossipSub. peer-store-sweep.ts bounds the store.
    peerStore: { maxPeerAge: Number.POSITIVE_INFINITY },
    connectionManager: {
      maxConnections: options.maxConnections,
      // The default of 5 would refuse nodes that reconnect together from behind one address.
      inboundConnectionThreshold: options.maxConnectionsPerSecondAndAddress,
      maxIncomingPendingConnections: MAX_WAITING_SOCKETS,
      inboundStreamProtocolNegotiationTimeout: NEGOTIATION_TIMEOUT_MS,
      addressDialTimeout: ADDRESS_DIAL_TIMEOUT_MS,
      resolvers: createResolvers({ onResolved: resolved, resolveList }),
    },
    // liveness.ts replaces it: libp2p's monitor drops a connection at the first late answer.
    connectionMonitor: { enabled: false },
    services: {
      identify: identify(),
      ping: ping(),
      pubsub: router(options.topics, deps),
      ...(options.dht && { dht: await createDht(options.dht) }),
    },
  })
  keepNoDeliveryRecords(node.services.pubsub)
  sendInParts(node.services.pubsub)
  catchUpNewPeers(node.services.pubsub)
  offerOnlyToNeighbours(node.services.pubsub)
  ignoreLateGoodbyes(node.services.pubsub)
  if (deps.direct) keepDirectPeers(node.services.pubsub, deps.direct)
  const { guard } = deps
  if (guard) guardRouter(node.services.pubsub, { ...guard, keyOf: bytesAsKey })
  const { dht } = node.services
  if (guard && dht) boundDht(dht, { ownPeerId: node.peerId.toString(), ...guard })
  return node
}

function router(topics: readonly string[], { scored, guard }: NodeDeps) {
  return gossipsub({
    globalSignaturePolicy: StrictSign,
    msgIdFn: goMessageId,
    // The guard recognises copies before anything else does.
    ...(!guard && { fastMsgIdFn: quickMessageId }),
    msgIdToStrFn: bytesAsKey,
    allowedTopics: [...topics],
    allowPublishToZeroTopicPeers: true,
    fallbackToFloodsub: false,
    // By default the router gives a peer 100 for each topic in whose mesh it is, so strangers would be worth more than a known peer that
    // has just connected: see known-tags.ts.
    tagMeshPeers: false,
    // A high upper bound: peers outside the mesh get a message by IHAVE only, about a second later and without certainty.
    D: 8,
    Dlo: 6,
    Dhi: 24,
    Dscore: 6,
    Dout: 2,
    maxInboundDataLength: maxRpcBytes,
    decodeRpcLimits: RPC_BOUNDS,
    maxInboundStreams: MAX_GOSSIP_STREAMS,
    maxOutboundBufferSize: maxUnsentBytesPerPeer,
    ...(scored ? teranodeScores(scored.isKnown) : lenientScores()),
  }) as (components: Parameters<ReturnType<typeof gossipsub>>[0]) => Router
}

/** True when the peer told us, by identify, that it speaks GossipSub. */
export async function speaksGossip(node: Pick<GossipNode, 'peerStore'>, peer: PeerId): Promise<boolean> {
  try {
    const { protocols } = await node.peerStore.get(peer)
    return protocols.some((protocol) => protocol.startsWith('/meshsub/'))
  } catch {
    // Not identified yet, or forgotten: no reason to expect a gossip stream.
    return false
  }
}
