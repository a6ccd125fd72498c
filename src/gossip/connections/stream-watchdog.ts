import type { Connection, PeerId, Stream } from '@libp2p/interface'
import type { Logger } from 'pino'
import { callWithDeadline, sleep } from '../../lifecycle/time.ts'

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
  readonly heals: number
  readonly lastHealAt: number
}

const defaults = { graceMs: 2000, dialTimeoutMs: 5000, maxBackOffMs: 300_000 }

/**
 * Finds peers whose connection lives while a gossip stream is gone, and connects to them anew. The router never opens a
 * stream again that it lost (a reset, a full buffer, the wrong one of two connections closed), and says nothing: the peer
 * stays listed and publishing goes on to nobody.
 */
export class StreamWatchdog {
  readonly #options: Required<StreamWatchdogOptions>
  readonly #deps: StreamWatchdogDeps
  readonly #patients = new Map<string, Patient>()
  readonly #histories = new Map<string, History>()
  readonly #healing = new Map<string, Promise<void>>()

  constructor(options: StreamWatchdogOptions, deps: StreamWatchdogDeps) {
    const merged = { ...defaults, ...options }
    this.#options = { inboundGraceMs: 5 * merged.graceMs, ...merged }
    this.#deps = deps
  }

  /** One look at all peers; to be called every second. Does not wait for the heals that it starts. */
  async look(stopped: AbortSignal): Promise<void> {
    const { node, now, random, routed } = this.#deps
    const connected = node.getPeers()
    const known = routed()
    this.#forget(new Set(connected.map((peer) => peer.toString())))
    for (const peer of connected) {
      const peerId = peer.toString()
      const missing = this.#missingStream(peer, known)
      const patient = this.#patients.get(peerId)
      if (missing === undefined) this.#patients.delete(peerId)
      else if (patient?.missing !== missing) {
        this.#patients.set(peerId, { missing, since: now() + random() * this.#options.graceMs * 0.25 })
      } else if (this.#isDue(peerId, patient)) await this.#startHeal(peer, missing, stopped)
    }
  }

  /** Resolves when no heal is under way; they end soon once the signal that they were started with is given. */
  async settled(): Promise<void> {
    await Promise.all(this.#healing.values())
  }

  #missingStream(peer: PeerId, routed: ReadonlySet<string>): Patient['missing'] | undefined {
    const streams = this.#deps.node.getConnections(peer).flatMap((connection) => connection.streams)
    const isOutboundWell = streams.some((stream) => isGossip(stream, 'outbound') && stream.writeStatus === 'writable')
    if (!isOutboundWell || !routed.has(peer.toString())) return 'outbound'
    return streams.some((stream) => isGossip(stream, 'inbound') && stream.remoteWriteStatus === 'writable') ? undefined : 'inbound'
  }

  #isDue(peerId: string, { missing, since }: Patient): boolean {
    const { graceMs, inboundGraceMs, maxBackOffMs } = this.#options
    const at = this.#deps.now()
    const history = this.#histories.get(peerId)
    // Grows with each heal, so a peer that always refuses a stream is not connected to in a tight loop.
    const backOffMs = history === undefined ? 0 : Math.min(maxBackOffMs, graceMs * 2 ** Math.min(history.heals, 20))
    return at - since >= (missing === 'outbound' ? graceMs : inboundGraceMs) && at - (history?.lastHealAt ?? 0) >= backOffMs
  }

  async #startHeal(peer: PeerId, missing: Patient['missing'], stopped: AbortSignal): Promise<void> {
    const peerId = peer.toString()
    if (this.#healing.has(peerId) || !(await this.#deps.speaksGossip(peer))) return
    this.#healing.set(
      peerId,
      this.#heal(peer, missing, stopped).finally(() => this.#healing.delete(peerId)),
    )
  }

  async #heal(peer: PeerId, missing: Patient['missing'], stopped: AbortSignal): Promise<void> {
    const { node, log, now, random, dial, onHeal } = this.#deps
    const peerId = peer.toString()
    const heals = (this.#histories.get(peerId)?.heals ?? 0) + 1
    this.#histories.set(peerId, { heals, lastHealAt: now() })
    this.#patients.delete(peerId)
    onHeal()
    log.info({ peerId, missing, heals }, 'gossip stream lost while the connection lives, connecting anew')
    try {
      const limit = { ms: this.#options.dialTimeoutMs, what: 'hanging up', signal: stopped }
      await callWithDeadline(limit, (signal) => node.hangUp(peer, { signal }))
      // Both ends may have noticed: whoever is slower finds the connection that the other one made.
      await sleep(random() * 500, stopped)
      if (node.getConnections(peer).length === 0) await dial(peer, stopped)
    } catch (error) {
      if (!stopped.aborted) log.debug({ peerId, err: error }, 'could not connect anew, leaving it to the peer or the next try')
    }
  }

  /** Forgets who is away, and the history of those who have been well for longer than the longest back-off. */
  #forget(connected: ReadonlySet<string>): void {
    for (const peerId of this.#patients.keys()) if (!connected.has(peerId)) this.#patients.delete(peerId)
    const oldest = this.#deps.now() - 2 * this.#options.maxBackOffMs
    for (const [peerId, { lastHealAt }] of this.#histories) if (lastHealAt < oldest) this.#histories.delete(peerId)
  }
}

function isGossip(stream: Stream, direction: 'inbound' | 'outbound'): boolean {
  return stream.direction === direction && stream.status === 'open' && stream.protocol.startsWith(meshsub)
}
