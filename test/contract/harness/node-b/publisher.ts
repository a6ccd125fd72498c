import { pino } from 'pino'
import { Registry } from 'prom-client'
import { createGossipHost, type GossipHost } from '../../../../src/gossip/host.ts'
import { identityFromHex } from '../../../../src/identity/key.ts'
import type { Identity } from '../../../../src/identity/ports.ts'
import { SYSTEM_CLOCK } from '../../../../src/lifecycle/clock.ts'
import { createGossipMetrics } from '../../../../src/telemetry/gossip-metrics.ts'
import { expectedEventId, GOSSIP_TOPICS, type Kind, nthAnnouncement } from './announcements.ts'

export interface PublisherOptions {
  readonly port: number
  readonly privateKey: string
  readonly ratePerSecond: number
}

/** One message that was gossiped. */
export interface SentMessage {
  /** Of the event that it becomes; of a state, whose id covers a number that only the router knows, as `withStateIds` finds it. */
  readonly id: string
  /** Peer id of the signer. */
  readonly source: string
  readonly kind: Kind
  readonly hash: string
  /** Milliseconds since the epoch. */
  readonly at: number
  /** Peers that it was handed to; with none, nobody can have heard it. */
  readonly recipients: number
}

/** Another node, which announces something new at an even pace. It lives in the checker's own process, so all times are of one clock. */
export interface Publisher {
  readonly sent: readonly SentMessage[]
  /** How often it heard each subtree that somebody else announced, by its hash. */
  readonly heard: ReadonlyMap<string, number>
  /** Instances that listen to it now. */
  listeners(): number
  begin(): void
  /** How late the worst message went out against the plan, in milliseconds: what the checker's own process is to blame for. */
  worstLatenessMs(): number
  /** The node goes, stays away for a while, and comes back under the same peer id. */
  restart(awayMs: number): Promise<void>
  stop(): Promise<void>
}

const RATE_TOPIC = GOSSIP_TOPICS.subtree

export async function startPublisher(options: PublisherOptions): Promise<Publisher> {
  const identity = await identityFromHex(options.privateKey)
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
    // A host that stops refuses; then nobody has heard the message, and it was never sent.
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
      clock: SYSTEM_CLOCK,
    },
  )
  await host.start()
  return host
}
