import type { Connection, PeerId } from '@libp2p/interface'
import type { Logger } from 'pino'
import { callWithDeadline, sleep } from '../../lifecycle/time.ts'
import { isGossipStream, isRead } from '../router/streams.ts'

/** The part of a node that the watchdog uses. */
export interface WatchedNode {
  getPeers(): PeerId[]
  getConnections(peer: PeerId): Connection[]
  hangUp(peer: PeerId, options: { signal: AbortSignal }): Promise<void>
}

export interface StreamWatchdogOptions {
  /** How long a peer may be without an outbound stream: normal at the start of a connection. */
  readonly graceMs?: number
  /** The same for the inbound stream: the peer opens it, so it gets more time. */
  readonly inboundGraceMs?: number
  readonly dialTimeoutMs?: number
  readonly maxBackOffMs?: number
}

export interface StreamWatchdogDeps {
  readonly node: WatchedNode
  readonly log: Logger
  readonly now: () => number
  readonly random: () => number
  /** True when the peer announced that it speaks GossipSub. */
  readonly speaksGossip: (peer: PeerId) => Promise<boolean>
  /** The peers that the router knows. */
  readonly routed: () => ReadonlySet<string>
  /** Replaces our stream on this connection; resolves with false when that did not help. */
  readonly reopen: (peer: PeerId, connection: Connection, stopped: AbortSignal) => Promise<boolean>
  readonly dial: (peer: PeerId, stopped: AbortSignal) => Promise<unknown>
  readonly onHeal: () => void
}

/** `unread`: our stream is open, but the peer no longer reads from it. */
type Missing = 'outbound' | 'unread' | 'inbound'

interface Patient {
  readonly missing: Missing
  readonly since: number
}

interface History {
  readonly heals: number
  readonly lastHealAt: number
}

const defaults = { graceMs: 2000, dialTimeoutMs: 5000, maxBackOffMs: 300_000 }

/**
 * Finds peers that are connected but have lost a gossip stream. The router never reopens a lost stream (a reset, a full buffer, a
 * peer that gave it up, the wrong one of two connections closed) and reports nothing: the peer stays listed, but receives no messages.
 * A lost outbound stream is reopened on its connection. If that does not help, or the peer's stream is the lost one, the watchdog
 * reconnects: only the peer can open its stream, and it does so on a new connection.
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

  /** Checks all peers once; call it every second. Does not wait for the heals that it starts. */
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

  /** Resolves when no heal is in progress; heals end soon after their signal is aborted. */
  async settled(): Promise<void> {
    await Promise.all(this.#healing.values())
  }

  #missingStream(peer: PeerId, routed: ReadonlySet<string>): Missing | undefined {
    const streams = this.#deps.node.getConnections(peer).flatMap((connection) => connection.streams)
    const outbound = streams.filter((stream) => isGossipStream(stream, 'outbound') && stream.writeStatus === 'writable')
    if (outbound.length === 0 || !routed.has(peer.toString())) return 'outbound'
    if (!outbound.some(isRead)) return 'unread'
    return streams.some((stream) => isGossipStream(stream, 'inbound') && stream.remoteWriteStatus === 'writable') ? undefined : 'inbound'
  }

  /** An unread stream needs no grace: it does not occur at the start of a connection, and never mends itself. */
  #graceMs(missing: Missing): number {
    if (missing === 'unread') return 0
    return missing === 'outbound' ? this.#options.graceMs : this.#options.inboundGraceMs
  }

  #isDue(peerId: string, { missing, since }: Patient): boolean {
    const { graceMs, maxBackOffMs } = this.#options
    const at = this.#deps.now()
    const history = this.#histories.get(peerId)
    // Grows with each heal, so a peer that always refuses a stream is not dialled in a tight loop.
    const backOffMs = history === undefined ? 0 : Math.min(maxBackOffMs, graceMs * 2 ** Math.min(history.heals, 20))
    return at - since >= this.#graceMs(missing) && at - (history?.lastHealAt ?? 0) >= backOffMs
  }

  async #startHeal(peer: PeerId, missing: Missing, stopped: AbortSignal): Promise<void> {
    const peerId = peer.toString()
    if (this.#healing.has(peerId) || !(await this.#deps.speaksGossip(peer))) return
    this.#healing.set(
      peerId,
      this.#heal(peer, missing, stopped).finally(() => this.#healing.delete(peerId)),
    )
  }

  async #heal(peer: PeerId, missing: Missing, stopped: AbortSignal): Promise<void> {
    const { log, now, onHeal } = this.#deps
    const peerId = peer.toString()
    const heals = (this.#histories.get(peerId)?.heals ?? 0) + 1
    this.#histories.set(peerId, { heals, lastHealAt: now() })
    this.#patients.delete(peerId)
    onHeal()
    log.info({ peerId, missing, heals }, 'gossip stream lost on an open connection, opening it again')
    try {
      if (missing !== 'inbound' && (await this.#reopen(peer, stopped))) return
      await this.#reconnect(peer, stopped)
    } catch (error) {
      if (!stopped.aborted) log.debug({ peerId, err: error }, 'could not reconnect, the peer or the next attempt may succeed')
    }
  }

  async #reopen(peer: PeerId, stopped: AbortSignal): Promise<boolean> {
    const connection = this.#deps.node.getConnections(peer).find(({ status }) => status === 'open')
    return connection !== undefined && this.#deps.reopen(peer, connection, stopped)
  }

  async #reconnect(peer: PeerId, stopped: AbortSignal): Promise<void> {
    const { node, random, dial } = this.#deps
    const limit = { ms: this.#options.dialTimeoutMs, what: 'hanging up', signal: stopped }
    await callWithDeadline(limit, (signal) => node.hangUp(peer, { signal }))
    // Both sides may reconnect: the random pause lets the slower side find the new connection.
    await sleep(random() * 500, stopped)
    if (node.getConnections(peer).length === 0) await dial(peer, stopped)
  }

  /** Forgets disconnected peers, and the history of peers that needed no heal for twice the longest back-off. */
  #forget(connected: ReadonlySet<string>): void {
    for (const peerId of this.#patients.keys()) if (!connected.has(peerId)) this.#patients.delete(peerId)
    const oldest = this.#deps.now() - 2 * this.#options.maxBackOffMs
    for (const [peerId, { lastHealAt }] of this.#histories) if (lastHealAt < oldest) this.#histories.delete(peerId)
  }
}
