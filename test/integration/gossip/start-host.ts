import { multiaddr } from '@multiformats/multiaddr'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import type { BanSubject } from '../../../src/gossip/connections/connection-gater.ts'
import {
  createGossipHost,
  type GossipHost,
  type GossipHostDeps,
  type GossipHostOptions,
  type GossipMessage,
  type Judge,
} from '../../../src/gossip/host.ts'
import { createNode, type GossipNode, type NodeOptions } from '../../../src/gossip/node/node.ts'
import { ephemeralIdentity } from '../../../src/identity/key.ts'
import type { Identity } from '../../../src/identity/ports.ts'
import { SYSTEM_CLOCK } from '../../../src/lifecycle/clock.ts'
import { createPeerPolicy } from '../../../src/peers/peer-policy.ts'
import type { Authors } from '../../../src/peers/ports.ts'
import { createGossipMetrics } from '../../../src/telemetry/gossip-metrics.ts'
import { eventually } from '../../support/eventually.ts'
import { onEnd } from '../../support/on-end.ts'

export const blockTopic = 'bitcoin/regtest-block'
export const rejectedTopic = 'bitcoin/regtest-rejected_tx'

export interface TestHost extends GossipHost {
  /** The authors of which it was told that others pass on their messages. */
  readonly authors: Authors
  /** What its judge was asked, in order. */
  readonly heard: GossipMessage[]
  readonly lines: Record<string, unknown>[]
  readonly registry: Registry
  /** The first loopback address, with the peer id. */
  address(): string
}

export interface TestHostOptions extends Partial<GossipHostOptions> {
  judge?: Judge
  isBanned?: (subject: BanSubject) => boolean
  staticPeers?: readonly string[]
  bootstrapPeers?: readonly string[]
  dhtPeers?: readonly string[]
  /** Dials found peers at local addresses too, as in a private network. */
  isTrusting?: boolean
  /** The first pause after a failed dial. */
  retryMs?: number
  /** Tells peers the loopback address, as a private network does; false to behave as on a public network. */
  sharePrivateAddresses?: boolean
  onPeersChanged?: () => void
  onSubscribed?: GossipHostDeps['onSubscribed']
  onDirectObject?: GossipHostDeps['onDirectObject']
}

/** A quick pace, so that nobody waits; but a busy machine has time to open its streams, and none is mended that is not lost. */
const timings = { streamCheckMs: 100, streamGraceMs: 3000 }

/** A started host on a free loopback port, stopped at the end of the test. */
export async function startHost(options: TestHostOptions = {}): Promise<TestHost> {
  const host = await makeHost(options)
  await host.start()
  return host
}

/** The same, not started yet. */
export async function makeHost(options: TestHostOptions = {}): Promise<TestHost> {
  const { judge = () => 'accept', isBanned = () => false, onPeersChanged, onSubscribed, onDirectObject, ...others } = options
  const {
    staticPeers = [],
    bootstrapPeers = [],
    dhtPeers = [],
    isTrusting = false,
    retryMs = 300,
    sharePrivateAddresses = true,
    ...rest
  } = others
  const identity = rest.identity ?? (await ephemeralIdentity())
  const heard: GossipMessage[] = []
  const lines: Record<string, unknown>[] = []
  const registry = new Registry()
  const metrics = createGossipMetrics(registry)
  const log = pino({ level: 'debug' }, { write: (line) => lines.push(JSON.parse(line)) })
  const policy = createPeerPolicy(
    {
      ownPeerId: identity.peerId,
      staticPeers,
      bootstrapPeers,
      dhtPeers,
      isPublic: rest.sharedKey === undefined && !isTrusting,
      sharePrivateAddresses,
      firstRetryMs: retryMs,
    },
    { isBanned, clock: SYSTEM_CLOCK },
  )
  const host = await createGossipHost(
    {
      listenAddresses: ['127.0.0.1'],
      port: 0,
      topics: [blockTopic, rejectedTopic],
      ...rest,
      identity,
      timings: { ...timings, ...rest.timings },
    },
    {
      log,
      metrics,
      health: { ready() {}, notReady() {} },
      judge(message) {
        heard.push(message)
        return judge(message)
      },
      isBanned,
      peers: policy,
      clock: SYSTEM_CLOCK,
      ...(onPeersChanged && { onPeersChanged }),
      ...(onSubscribed && { onSubscribed }),
      ...(onDirectObject && { onDirectObject }),
    },
  )
  onEnd(() => host.stop())
  return Object.assign(host, { heard, authors: policy.authors, lines, registry, address: () => host.multiaddrs()[0] ?? '' })
}

/** Waits for nothing: true when each of the hosts sees the number of subscribers given. */
export function areConnected(topic: string, expected: readonly (readonly [GossipHost, number])[]): boolean {
  return expected.every(([host, count]) => host.subscribers(topic).length === count)
}

/** How many neighbours a host relays a topic to. */
export function meshSize(host: TestHost, topic: string): Promise<number> {
  return metric(host, `bridge_gossip_mesh_peers{topic="${topic}"}`)
}

/** The text of what a host heard. */
export function textsOf(host: TestHost): string[] {
  return host.heard.map(({ data }) => Buffer.from(data).toString())
}

export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}
/** A bare node without any of the host's protections, as a stranger would run it. Subscribed, and connected to the host given. */
export async function startStranger(
  host: TestHost,
  topics: string[] = [blockTopic, rejectedTopic],
  identity?: Identity,
): Promise<GossipNode> {
  const stranger = await startBareNode(topics, identity && { identity })
  await stranger.dial(multiaddr(host.address()))
  await eventually(
    () =>
      host.subscribers(blockTopic).includes(stranger.peerId.toString()) && stranger.services.pubsub.getSubscribers(blockTopic).length > 0,
  )
  return stranger
}

/** The same, connected to nobody. */
export async function startBareNode(
  topics: string[] = [blockTopic, rejectedTopic],
  { identity, ...options }: Partial<Pick<NodeOptions, 'identity' | 'dht' | 'swarmKey' | 'maxConnections'>> = {},
): Promise<GossipNode> {
  const stranger = await createNode(
    {
      identity: identity ?? (await ephemeralIdentity()),
      listen: ['/ip4/127.0.0.1/tcp/0'],
      announce: [],
      topics,
      maxConnections: 100,
      maxConnectionsPerSecondAndAddress: 100,
      userAgent: 'stranger',
      ...options,
    },
    { connectionGater: {} },
  )
  await stranger.start()
  onEnd(() => stranger.stop())
  for (const topic of topics) stranger.services.pubsub.subscribe(topic)

  return stranger
}

/** The value of one sample of a host's metrics, 0 where it does not exist. */
export async function metric(host: TestHost, sample: string): Promise<number> {
  const line = (await host.registry.metrics()).split('\n').find((text) => text.startsWith(`${sample} `))
  return line === undefined ? 0 : Number(line.slice(sample.length + 1))
}
