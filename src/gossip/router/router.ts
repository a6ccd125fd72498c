import type { GossipSub, Message, TopicValidatorFn } from '@chainsafe/libp2p-gossipsub'
import type { RPC } from '@chainsafe/libp2p-gossipsub/message'
import type { Connection, PeerId, Stream } from '@libp2p/interface'

/** The parts of gossipsub 17.1.1 that its published type leaves out. Only this folder, and the tests, may use them. */
export interface RouterInternals {
  readonly peers: ReadonlyMap<string, PeerId>
  /** The topics of the settings; null lets peers use any. */
  readonly allowedTopics: ReadonlySet<string> | null
  /** The peers to which we relay, by topic. */
  readonly mesh: ReadonlyMap<string, ReadonlySet<string>>
  /** The subscribed peers, by topic. */
  readonly topics: ReadonlyMap<string, ReadonlySet<string>>
  readonly streamsOutbound: Map<string, { readonly rawStream: Stream }>
  /** Peers to which everything is sent, outside of the mesh and of scores. */
  readonly direct: Set<string>
  /** Lists of message ids that wait to be sent with the next RPC to a peer. */
  readonly gossip: Map<string, RPC.ControlIHave[]>
  readonly mcache: MessageCache
  readonly streamsInbound: ReadonlyMap<string, { readonly rawStream: Stream }>
  /** The ids of messages whose signature was verified within two minutes, and of our own. */
  readonly seenCache: TimeCache
  readonly topicValidators: ReadonlyMap<string, TopicValidatorFn>
  readonly opts: { readonly idontwantMinDataSize: number }
  /** Tells the mesh that nobody needs to send us this message any more. */
  sendIDontWants(messageId: Uint8Array, topic: string, source: string): void
  readonly score: Scores
  /** Until when a peer is not to be taken into the mesh of a topic, by topic and peer. */
  readonly backoff: ReadonlyMap<string, Map<string, number>>
  doAddBackoff(peerId: string, topic: string, ms: number): void
  /** A gossip stream with a peer was opened, in either direction. */
  addPeer(peer: PeerId, direction: Connection['direction'], address: Connection['remoteAddr']): void
  removePeer(peer: PeerId): void
  handleControlMessage(peerId: string, control: RPC.ControlMessage | undefined): Promise<void>
  getMeshPeers(topic: string): string[]
  /** Throws for bytes that are no RPC, or one above the limits of the settings. */
  decodeRpc(bytes: Uint8Array): RPC
  handleReceivedRpc(peer: PeerId, rpc: RPC): Promise<void>
  /** Reads the RPCs of a neighbour until its stream ends. */
  pipePeerReadStream(peer: PeerId, source: AsyncIterable<RpcBytes>): Promise<void>
  readonly components: { readonly connectionManager: { getConnections(peer: PeerId): Connection[] } }
  /** The last connection to a peer was closed. */
  onPeerDisconnected(peer: PeerId): void
  /** Forgets the neighbour. */
  handlePeerReadStreamError(error: Error, peer: PeerId): void
  /** Verifies a message, and asks the topic's validator. */
  validateReceivedMessage(hop: PeerId, message: RPC.Message): Promise<ReceivedMessage>
  sendRpc(peerId: string, rpc: RPC): boolean
  /** Called at each heartbeat with the neighbours outside of the mesh, by topic. */
  emitGossip(neighbours: ReadonlyMap<string, ReadonlySet<string>>): void
  sendGraft(peerId: string, topics: string[]): void
  addToMesh(peerId: string, topic: string, reason: unknown): void
  /** Adds a subscribed peer to the mesh if there is room; true when it was added. The caller sends the GRAFT. */
  graftOnSubscribe(peerId: string, topic: string): boolean
  /** Opens our gossip stream to a peer if there is none. Never rejects. */
  createOutboundStream(peer: PeerId, connection: Connection): Promise<void>
}

/** Entries that expire; the oldest one stands first. */
interface TimeCache {
  readonly entries: Map<string, unknown>
  has(key: string): boolean
  /** True for a known key. */
  put(key: string, value: unknown): boolean
}

/** The messages of the last heartbeats. */
interface MessageCache {
  readonly history: readonly unknown[]
  getGossipIDs(topics: Set<string>): Map<string, Uint8Array[]>
  put(id: unknown, message: RPC.Message, isValidated?: boolean): boolean
  /** Called at each heartbeat. */
  shift(): void
}

interface Scores {
  readonly peerStats: Map<string, { readonly connected: boolean; readonly knownIPs: Set<string> }>
  readonly scoreCache: Map<string, unknown>
  addPeer(peerId: string): void
  removePeer(peerId: string): void
  removeIPsForPeer(peerId: string, addresses: Set<string>): void
  rejectInvalidMessage(peerId: string, topic: string): void
}

/** The bytes of an RPC, in one piece or several. */
export interface RpcBytes {
  readonly byteLength: number
  subarray(): Uint8Array
}

/** What became of a message. `error`: its signature is not accepted. */
export type ReceivedMessage =
  | { readonly code: 'valid'; readonly messageId: MessageId; readonly msg: Message }
  | { readonly code: 'duplicate'; readonly msgIdStr: string }
  | { readonly code: 'invalid'; readonly reason: 'error' | 'ignore' | 'reject' | 'blacklisted'; readonly msgIdStr?: string }

export interface MessageId {
  readonly msgId: Uint8Array
  readonly msgIdStr: string
}

/** Functions that the patches of this folder add to a router. */
export interface RouterAdditions {
  /** As createOutboundStream, but resolves when the stream is open or cannot be opened. */
  openStream(peer: PeerId, connection: Connection): Promise<void>
}

export type Router = GossipSub & RouterInternals & RouterAdditions
