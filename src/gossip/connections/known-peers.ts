import type { Logger } from 'pino'
import { createBackOff, sleep, withJitter } from '../../lifecycle/time.ts'
import type { KnownPeer } from '../node/addresses.ts'

export interface KnownPeersOptions {
  /** `static` peers are dialled at a fixed interval, `bootstrap` peers with a growing back-off. */
  readonly kind: 'static' | 'bootstrap'
  readonly peers: readonly KnownPeer[]
  readonly retryMs?: number
  readonly maxRetryMs?: number
  /** How often a connection is checked when no loss was reported. */
  readonly checkMs?: number
}

export interface KnownPeersDeps {
  readonly log: Logger
  readonly random: () => number
  readonly isConnected: (peerId: string) => boolean
  /** Dials with its own deadline; the signal aborts the dial. */
  readonly dial: (peer: KnownPeer, stopped: AbortSignal) => Promise<void>
}

export interface KnownPeers {
  start(): void
  /** Call when a connection was lost: the peer is dialled again without waiting for the next check. */
  lost(peerId: string): void
  stop(): Promise<void>
}

/**
 * Keeps a connection to each configured peer. libp2p's own reconnect gives up after five attempts and forgets the peer, and its
 * bootstrap module dials once.
 */
export function createKnownPeers(options: KnownPeersOptions, { log, random, isConnected, dial }: KnownPeersDeps): KnownPeers {
  const { kind, peers, retryMs = 5000, maxRetryMs = kind === 'static' ? 5000 : 300_000, checkMs = 30_000 } = options
  const stopping = new AbortController()
  const wakeUps = new Map<string, AbortController>()
  let loops: Promise<void>[] = []

  async function watch(peerId: string): Promise<void> {
    const wake = new AbortController()
    wakeUps.set(peerId, wake)
    await sleep(withJitter(checkMs, random), wake.signal)
    wakeUps.delete(peerId)
  }

  async function connect(peer: KnownPeer, failures: number): Promise<boolean> {
    try {
      await dial(peer, stopping.signal)
      log.info({ peerId: peer.peerId, kind, failures }, 'connected to a peer of the settings')
      return true
    } catch (error) {
      if (stopping.signal.aborted) return false
      const level = failures === 0 ? 'warn' : 'debug'
      const reason = error instanceof Error ? error.message : String(error)
      log[level]({ peerId: peer.peerId, kind, reason }, 'cannot connect to a peer of the settings, trying again until it works')
      return false
    }
  }

  async function keepConnected(peer: KnownPeer): Promise<void> {
    let failures = 0
    const backOff = createBackOff(retryMs, maxRetryMs)
    while (!stopping.signal.aborted) {
      if (isConnected(peer.peerId)) {
        failures = 0
        backOff.reset()
        await watch(peer.peerId)
        // The peer may be restarting or dialling us: a short pause avoids a second connection.
        if (!isConnected(peer.peerId)) await sleep(retryMs * 0.2 * random(), stopping.signal)
        continue
      }
      const wasConnected = await connect(peer, failures)
      failures = wasConnected ? 0 : failures + 1
      if (wasConnected) backOff.reset()
      // After a success too: a peer that accepts and closes at once must not be dialled in a tight loop.
      if (!isConnected(peer.peerId)) await sleep(withJitter(backOff.next(), random), stopping.signal)
    }
  }

  return {
    start() {
      if (loops.length === 0) loops = peers.map(keepConnected)
    },
    lost(peerId) {
      wakeUps.get(peerId)?.abort()
    },
    async stop() {
      stopping.abort()
      for (const wake of wakeUps.values()) wake.abort()
      await Promise.all(loops)
    },
  }
}
