import { RareLog } from '../lifecycle/rare-log.ts'
import type { LookUpTexts } from '../peers/ports.ts'
import { createConnectionBook } from './connections/connection-book.ts'
import { createConnectionGater } from './connections/connection-gater.ts'
import type { GossipHost, GossipHostDeps, GossipHostOptions } from './gossip-host.ts'
import { Libp2pHost } from './libp2p-host.ts'
import { createDirectStreams, type DirectObject } from './messages/direct-streams.ts'
import { createPublisher } from './messages/publisher.ts'
import { createReplays } from './messages/replays.ts'
import { createTopicValidator } from './messages/topic-validator.ts'
import { announceMultiaddrs, listenMultiaddrs } from './node/addresses.ts'
import { createNode, type GossipNode, maxMessageBytes, maxSharedBytes, type NodeOptions } from './node/node.ts'
import { swarmKeyOf } from './node/pre-shared-key.ts'
import { signWithSodium, verifyWithSodium } from './node/signatures.ts'
import { createTxtLookUp } from './node/txt-records.ts'
import { createRefusals, type Refusals } from './refusals.ts'
import { createStrangers, type Strangers, type StrangersOptions } from './strangers.ts'
import { createHousekeeping } from './upkeep/housekeeping.ts'
import { defaultTimings } from './upkeep/timings.ts'

export type { GossipHost, GossipHostDeps, GossipHostOptions, GossipPeer } from './gossip-host.ts'
export type { DirectObject } from './messages/direct-streams.ts'
export type { PublishOptions } from './messages/publisher.ts'
export type { GossipMessage, Judge, RouterVerdict } from './messages/topic-validator.ts'

const NO_SODIUM = 'libsodium does not load on this system: signing and verifying gossip messages takes twice the time'
const DEFAULT_CONNECTIONS = 300

/** The bridge's node in the GossipSub network: libp2p with rate limits, bans, connection repair and validation. */
export async function createGossipHost(options: GossipHostOptions, deps: GossipHostDeps): Promise<GossipHost> {
  const { log, metrics, mayBeHeard = () => true, onAnswer = () => {}, clock, random = Math.random } = deps
  const now = () => clock.steady()
  const { identity, topics } = options
  const timings = { ...defaultTimings, ...options.timings }
  await Promise.all([verifyWithSodium(), signWithSodium(identity.privateKey)]).catch((err: unknown) => log.warn({ err }, NO_SODIUM))
  const book = createConnectionBook()
  const refusals = createRefusals({ log, metrics })
  const limits = strangersOptions(options)
  const strangers = createStrangers(limits, { book, known: deps.peers.known, refusals, log, now })
  const node = await createGuardedNode(options, { ...deps, refusals, strangers })
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
      isReplay: createReplays({ clock }).isReplay,
      onReplay: (peerId) => refusals.count('replayed', { peerId, address: book.addressOf(peerId) }),
      onOutcome: (topic, outcome) => metrics.received.inc({ topic, outcome }),
    },
  )
  for (const topic of topics) node.services.pubsub.topicValidators.set(topic, validate)
  const housekeeping = createHousekeeping(
    {
      timings,
      topics,
      lookUpTexts: lookUpTexts(options),
      isPublic: options.dht?.isPublic ?? false,
      exchangesAddresses: options.exchangesAddresses ?? false,
      tellsAddresses: options.tellsAddresses ?? true,
    },
    { node, book, peers: deps.peers, log, metrics, onAnswer, now, random },
  )
  const publisher = createPublisher(
    {
      topics,
      get outboundRate() {
        return options.outboundRate ?? 200
      },
      maxQueuedMessages: options.maxQueuedMessages,
      maxMessageBytes: maxSharedBytes,
    },
    { node, metrics, now, mayBeHeard },
  )
  const onObject = (object: DirectObject) => {
    if (strangers.admit(object.peerId)) deps.onDirectObject?.(object)
  }
  const directStreams = createDirectStreams(
    { ...(options.directTimeoutMs !== undefined && { timeoutMs: options.directTimeoutMs }) },
    { node, onObject, onOutcome: (outcome) => metrics.directStreams.inc({ outcome }) },
  )
  return new Libp2pHost(options, deps, {
    node,
    book,
    directStreams,
    housekeeping,
    publisher,
    refusals,
    rates: limits,
    toStop: [strangers, judgeErrors, refusals],
    stopTimeoutMs: timings.stopTimeoutMs,
  })
}

interface NodeParts extends GossipHostDeps {
  readonly refusals: Refusals
  readonly strangers: Strangers
}

/** The node with all checks of connections and neighbours. */
function createGuardedNode(options: GossipHostOptions, { refusals, strangers, ...deps }: NodeParts): Promise<GossipNode> {
  const { log, isBanned, metrics } = deps
  const { mayDial, mayAnnounce, resolved } = deps.peers.addresses
  const { guard, arrivals, keptOut, places } = strangers
  const onRefused = (stage: 'dial' | 'accept') => metrics.banned.inc({ stage })
  const onOneSided = (peerId: string) => {
    metrics.oneSidedPeers.inc()
    log.info({ peerId }, 'a peer of the settings has not named this bridge among its own, so it is an ordinary peer, not a direct one')
  }
  const onLocalAddress = () => metrics.localDials.inc()
  const connectionGater = createConnectionGater({ log, isBanned, onRefused, mayDial, onLocalAddress, places, arrivals, keptOut, refusals })
  const { known, dials, lists } = deps.peers
  return createNode(nodeOptions(options), {
    connectionGater,
    resolved,
    resolveList: (address, signal) => lists.resolve(address, lookUpTexts(options), signal),
    mayAnnounce,
    guard,
    ...(options.scoresNeighbours && { scored: { isKnown: (peerId) => known.has(peerId) } }),
    ...(options.directPeers && {
      direct: {
        isDirect: (peerId) => dials.addressesOf(peerId).length > 0,
        onOneSided,
        onUnlisted: known.onUnlisted,
        now: () => deps.clock.steady(),
      },
    }),
  })
}

function lookUpTexts({ dnsServers }: GossipHostOptions): LookUpTexts {
  return createTxtLookUp(dnsServers === undefined ? {} : { servers: dnsServers })
}

function strangersOptions(options: GossipHostOptions): StrangersOptions {
  const { maxConnections = DEFAULT_CONNECTIONS, maxConnectionsPerAddress = 16, maxConnectionsPerSecondAndAddress = 50 } = options
  return {
    get inboundRate() {
      return options.inboundRate ?? 2000
    },
    maxConnections,
    maxConnectionsPerAddress,
    maxConnectionsPerSecondAndAddress,
  }
}

function nodeOptions(options: GossipHostOptions): NodeOptions {
  const { identity, topics, listenAddresses, port, advertiseAddresses = [], sharedKey } = options
  return {
    identity,
    topics,
    listen: listenMultiaddrs(listenAddresses, port),
    announce: announceMultiaddrs(advertiseAddresses, port),
    ...(sharedKey !== undefined && { swarmKey: swarmKeyOf(sharedKey) }),
    maxConnections: options.maxConnections ?? DEFAULT_CONNECTIONS,
    maxConnectionsPerSecondAndAddress: Number.MAX_SAFE_INTEGER, // arrivals.ts bounds and counts them
    userAgent: options.userAgent ?? 'gossip-bridge',
    ...(options.dht && { dht: options.dht }),
  }
}
