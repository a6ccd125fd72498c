import { RareLog } from '../lifecycle/rare-log.ts'
import { createConnectionBook } from './connections/connection-book.ts'
import { createConnectionGater } from './connections/connection-gater.ts'
import { createHousekeeping, defaultTimings } from './connections/housekeeping.ts'
import type { GossipHost, GossipHostDeps, GossipHostOptions } from './gossip-host.ts'
import { Libp2pHost } from './libp2p-host.ts'
import { createDirectStreams } from './messages/direct-streams.ts'
import { createPublisher } from './messages/publisher.ts'
import { createTopicValidator } from './messages/topic-validator.ts'
import { announceMultiaddrs, listenMultiaddrs } from './node/addresses.ts'
import { createNode, maxMessageBytes, maxSharedBytes, type NodeOptions } from './node/node.ts'

import { swarmKeyOf } from './node/pre-shared-key.ts'

export type { GossipHost, GossipHostDeps, GossipHostOptions, GossipPeer } from './gossip-host.ts'
export type { DirectObject } from './messages/direct-streams.ts'
export type { PublishOptions } from './messages/publisher.ts'
export type { GossipMessage, Judge, RouterVerdict } from './messages/topic-validator.ts'

/** The bridge's node in the GossipSub network: libp2p with rate limits, bans, connection repair and validation. */
export async function createGossipHost(options: GossipHostOptions, deps: GossipHostDeps): Promise<GossipHost> {
  const { log, metrics, isBanned, mayBeHeard = () => true, onAnswer = () => {}, clock, random = Math.random } = deps
  const now = () => clock.steady()
  const { identity, topics } = options
  const timings = { ...defaultTimings, ...options.timings }
  const onRefused = (stage: 'dial' | 'accept' | 'open') => metrics.banned.inc({ stage })
  const { mayDial, mayAnnounce, resolved } = deps.peers.addresses
  const connectionGater = createConnectionGater({ log, isBanned, onRefused, mayDial, onLocalAddress: () => metrics.localDials.inc() })
  const node = await createNode(nodeOptions(options), { connectionGater, resolved, mayAnnounce })
  const book = createConnectionBook()
  const judgeErrors = new RareLog<unknown>(
    {},
    { say: (errors, err) => log.error({ err, errors }, 'judging gossip messages failed, they are ignored') },
  )
  const validate = createTopicValidator(
    { ownPeerId: identity.peerId, maxMessageBytes, maxSharedBytes, maxPending: options.maxPendingJudgements ?? 1000 },
    {
      errors: judgeErrors,
      judge: deps.judge,
      mayBeHeard,
      addressOf: book.addressOf,
      onOutcome: (topic, outcome) => metrics.received.inc({ topic, outcome }),
    },
  )
  for (const topic of topics) node.services.pubsub.topicValidators.set(topic, validate)
  const housekeeping = createHousekeeping(
    { timings, topics, isPublic: options.dht?.isPublic ?? false, exchangesAddresses: options.exchangesAddresses ?? false },
    { node, book, peers: deps.peers, log, metrics, onAnswer, now, random },
  )
  const publisher = createPublisher(
    { topics, outboundRate: options.outboundRate, maxQueuedMessages: options.maxQueuedMessages, maxMessageBytes: maxSharedBytes },
    { node, metrics, now, mayBeHeard },
  )
  const directStreams = createDirectStreams(
    { ...(options.directTimeoutMs !== undefined && { timeoutMs: options.directTimeoutMs }) },
    { node, onObject: (object) => deps.onDirectObject?.(object), onOutcome: (outcome) => metrics.directStreams.inc({ outcome }) },
  )
  return new Libp2pHost(options, deps, {
    node,
    book,
    directStreams,
    housekeeping,
    publisher,
    judgeErrors,
    stopTimeoutMs: timings.stopTimeoutMs,
  })
}

function nodeOptions(options: GossipHostOptions): NodeOptions {
  const { identity, topics, listenAddresses, port, advertiseAddresses = [], sharedKey } = options
  return {
    identity,
    topics,
    listen: listenMultiaddrs(listenAddresses, port),
    announce: announceMultiaddrs(advertiseAddresses, port),
    ...(sharedKey !== undefined && { swarmKey: swarmKeyOf(sharedKey) }),
    maxConnections: options.maxConnections ?? 300,
    maxConnectionsPerSecondAndAddress: options.maxConnectionsPerSecondAndAddress ?? 50,
    userAgent: options.userAgent ?? 'gossip-bridge',
    ...(options.dht && { dht: options.dht }),
  }
}
