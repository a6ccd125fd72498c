import type { Connection, PeerId, Stream } from '@libp2p/interface'
import type { Logger } from 'pino'
import { wait, withDeadline } from './wait.ts'

const meshsub = '/meshsub/'

/** The few things of a node that the watchdog looks at. */
export interface WatchedNode {
  getPeers(): PeerId[]
  getConnections(peer: PeerId): Connection[]
  hangUp(peer: PeerId, options: { signal: AbortSignal }): Promise<void>
}

export interface StreamWatchdogOptions {
  /** How long a peer may be without a stream to it: at the start of a connection this is normal. */
  readonly graceMs?: number
  /** The same for the stream from it: the other end opens that one, so it gets more time. */
  readonly inboundGraceMs?: number
  readonly dialTimeoutMs?: number
  readonly maxBackOffMs?: number
}

export interface StreamWatchdogDeps {
  readonly node: WatchedNode
  readonly log: Logger
  readonly now: () => number
  readonly random: () => number
  /** True when the peer said that it speaks GossipSub. */
  readonly speaksGossip: (peer: PeerId) => Promise<boolean>
  /** The peers that the router knows. */
  readonly routed: () => ReadonlySet<string>
  readonly dial: (peer: PeerId, stopped: AbortSignal) => Promise<unknown>
  readonly onHeal: () => void
}

interface Patient {
  readonly missing: 'outbound' | 'inbound'
  readonly since: number
}

interface History {
  heals: number
  lastHealAt: number
}

/**
 * Finds peers whose connection lives while a gossip stream is gone, and connects to them anew. The router never opens a
 * stream again that it lost (a reset, a full buffer, the wrong one of two connections closed), and says nothing: the peer
 * stays listed and publishing goes on to nobody.
 */
export function createStreamWatchdog(options: StreamWatchdogOptions, deps: StreamWatchdogDeps) {
  const { graceMs = 2000, inboundGraceMs = 5 * graceMs, dialTimeoutMs = 5000, maxBackOffMs = 300_000 } = options
  const { node, log, now, random } = deps
  const patients = new Map<string, Patient>()
  const histories = new Map<string, History>()
  const healing = new Map<string, Promise<void>>()

  function missingStream(peer: PeerId, routed: ReadonlySet<string>): Patient['missing'] | undefined {
    const streams = node.getConnections(peer).flatMap((connection) => connection.streams)
    if (!routed.has(peer.toString()) || !streams.some((stream) => isGossip(stream, 'outbound') && stream.writeStatus === 'writable'))
      return 'outbound'
    return streams.some((stream) => isGossip(stream, 'inbound') && stream.remoteWriteStatus === 'writable') ? undefined : 'inbound'
  }

  /** Grows with each heal, so a peer that always refuses a stream is not connected to in a tight loop. */
  function backOffMs(peerId: string): number {
    const heals = histories.get(peerId)?.heals ?? 0
    return heals === 0 ? 0 : Math.min(maxBackOffMs, graceMs * 2 ** Math.min(heals, 20))
  }

  function isDue(peerId: string, { missing, since }: Patient): boolean {
    const grace = missing === 'outbound' ? graceMs : inboundGraceMs
    const at = now()
    const lastHealAt = histories.get(peerId)?.lastHealAt ?? Number.NEGATIVE_INFINITY
    return at - since >= grace && at - lastHealAt >= backOffMs(peerId)
  }

  async function heal(peer: PeerId, missing: Patient['missing'], stopped: AbortSignal): Promise<void> {
    const peerId = peer.toString()
    const history = histories.get(peerId) ?? { heals: 0, lastHealAt: 0 }
    histories.set(peerId, { heals: history.heals + 1, lastHealAt: now() })
    patients.delete(peerId)
    deps.onHeal()
    log.info({ peerId, missing, heals: history.heals + 1 }, 'gossip stream lost while the connection lives, connecting anew')
    try {
      await withDeadline(dialTimeoutMs, stopped, (signal) => node.hangUp(peer, { signal }))
      // Both ends may have noticed: whoever is slower finds the connection that the other one made.
      await wait(random() * 500, stopped)
      if (node.getConnections(peer).length === 0) await deps.dial(peer, stopped)
    } catch (error) {
      if (!stopped.aborted) log.debug({ peerId, err: error }, 'could not connect anew, leaving it to the peer or the next try')
    }
  }

  /** Forgets peers that have been well, or away, for longer than the longest back-off. */
  function forgetOld(): void {
    for (const [peerId, { lastHealAt }] of histories) if (now() - lastHealAt > 2 * maxBackOffMs) histories.delete(peerId)
  }

  async function startHeal(peer: PeerId, missing: Patient['missing'], stopped: AbortSignal): Promise<void> {
    const peerId = peer.toString()
    if (healing.has(peerId) || !(await deps.speaksGossip(peer))) return
    healing.set(
      peerId,
      heal(peer, missing, stopped).finally(() => healing.delete(peerId)),
    )
  }

  return {
    /** One look at all peers; to be called every second. Does not wait for the heals that it starts. */
    async look(stopped: AbortSignal): Promise<void> {
      const connected = node.getPeers()
      const ids = new Set(connected.map((peer) => peer.toString()))
      for (const peerId of patients.keys()) if (!ids.has(peerId)) patients.delete(peerId)
      forgetOld()
      const routed = deps.routed()
      for (const peer of connected) {
        const peerId = peer.toString()
        const missing = missingStream(peer, routed)
        const known = patients.get(peerId)
        if (missing === undefined) patients.delete(peerId)
        else if (known?.missing !== missing) patients.set(peerId, { missing, since: now() + random() * graceMs * 0.25 })
        else if (isDue(peerId, known)) await startHeal(peer, missing, stopped)
      }
    },

    /** Resolves when no heal is under way; they end soon once the signal that they were started with is given. */
    async settled(): Promise<void> {
      await Promise.all(healing.values())
    },
  }
}

function isGossip(stream: Stream, direction: 'inbound' | 'outbound'): boolean {
  return stream.direction === direction && stream.status === 'open' && stream.protocol.startsWith(meshsub)
}
