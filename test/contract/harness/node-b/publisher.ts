import { pino } from 'pino'
import { Registry } from 'prom-client'
import { createGossipHost, type GossipHost } from '../../../../src/gossip/host.ts'
import { identityFromText } from '../../../../src/identity/key.ts'
import type { Identity } from '../../../../src/identity/ports.ts'
import { SYSTEM_CLOCK } from '../../../../src/lifecycle/clock.ts'
import { createPeerPolicy } from '../../../../src/peers/peer-policy.ts'
import { createGossipMetrics } from '../../../../src/telemetry/gossip-metrics.ts'
import { expectedEventId, GOSSIP_TOPICS, type Kind, nthAnnouncement } from './announcements.ts'

export interface PublisherOptions {
  readonly port: number
  readonly privateKey: string
  readonly ratePerSecond: number
}

/** One gossip message that was sent. */
export interface SentMessage {
  /** Id of the resulting event. For a state, whose id covers a number that only the router knows, `withStateIds` finds it. */
  readonly id: string
  /** Peer id of the signer. */
  readonly source: string
  readonly kind: Kind
  readonly hash: string
  /** Milliseconds since the epoch. */
  readonly at: number
  /** Number of peers that it was sent to; with none, nobody can have received it. */
  readonly recipients: number
}

/** Another node, which announces something new at an even pace. It runs in the checker's own process, so all times are of one clock. */
export interface Publisher {
  readonly sent: readonly SentMessage[]
  /** How often it received each subtree of other nodes, by hash. */
  readonly heard: ReadonlyMap<string, number>
  /** Number of instances that listen to it now. */
  listeners(): number
  begin(): void
  /** Maximum delay of a message against the plan, in milliseconds: caused by the checker's own process. */
  worstLatenessMs(): number
  /** Stops the node for a while, then starts it with the same peer id. */
  restart(awayMs: number): Promise<void>
  stop(): Promise<void>
}

const RATE_TOPIC = GOSSIP_TOPICS.subtree

export async function startPublisher(options: PublisherOptions): Promise<Publisher> {
  const identity = await identityFromText(options.privateKey)
  const sent: SentMessage[] = []
  const heard = new Map<string, number>()
  const hear = (data: Uint8Array) => {
    const { Hash: hash } = JSON.parse(Buffer.from(data).toString()) as { Hash?: string }
    if (hash) heard.set(hash, (heard.get(hash) ?? 0) + 1)
  }
  const stepMs = 1000 / options.ratePerSecond
  let host: GossipHost | undefined = await startHost(options, identity, hear)
  let timer: NodeJS.Timeout | undefined
  let plannedAt = 0
  let index = 0
  let worstLatenessMs = 0

  function sendDue(): void {
    for (; plannedAt <= Date.now(); plannedAt += stepMs) {
      worstLatenessMs = Math.max(worstLatenessMs, Date.now() - plannedAt)
      if (host) void send(host)
    }
    timer = setTimeout(sendDue, Math.max(1, plannedAt - Date.now()))
  }

  async function send(to: GossipHost): Promise<void> {
    const { kind, topic, hash, data } = nthAnnouncement(index++, identity.peerId)
    const at = Date.now()
    // A stopping host refuses; then nobody has received the message, and it counts as not sent.
    const recipients = await to.publish(topic, data, { priority: 'high' }).catch(() => 0)
    sent.push({ id: expectedEventId(kind, hash, identity.peerId), source: identity.peerId, kind, hash, at, recipients })
  }

  return {
    sent,
    heard,
    listeners: () => host?.subscribers(RATE_TOPIC).length ?? 0,
    begin() {
      plannedAt = Date.now()
      sendDue()
    },
    worstLatenessMs: () => worstLatenessMs,
    async restart(awayMs) {
      const old = host
      host = undefined
      await old?.stop()
      await new Promise((resolve) => setTimeout(resolve, awayMs))
      host = await startHost(options, identity, hear)
    },
    async stop() {
      clearTimeout(timer)
      await host?.stop()
      host = undefined
    },
  }
}

async function startHost({ port }: PublisherOptions, identity: Identity, hear: (data: Uint8Array) => void): Promise<GossipHost> {
  const host = await createGossipHost(
    { identity, listenAddresses: ['127.0.0.1'], port, topics: Object.values(GOSSIP_TOPICS), outboundRate: 0 },
    {
      log: pino({ level: 'silent' }),
      metrics: createGossipMetrics(new Registry()),
      health: { ready: () => {}, notReady: () => {} },
      judge: ({ data }) => {
        hear(data)
        return 'accept'
      },
      isBanned: () => false,
      peers: createPeerPolicy({ ownPeerId: identity.peerId, isPublic: true }, { isBanned: () => false, clock: SYSTEM_CLOCK }),
      clock: SYSTEM_CLOCK,
    },
  )
  await host.start()
  return host
}
