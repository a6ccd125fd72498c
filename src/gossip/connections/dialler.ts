import type { Logger } from 'pino'
import { sleep } from '../../lifecycle/time.ts'
import type { Connections, Dial, DialPlan, SkippedDial } from '../../peers/ports.ts'
import type { GossipMetrics } from '../../telemetry/gossip-metrics.ts'
import { dialFailure } from './dial-failure.ts'

export interface DiallerDeps {
  readonly plan: DialPlan
  readonly connections: Connections
  /** Dials a peer with its own deadline; the signal aborts the dial. */
  readonly dial: (dial: Dial, stopped: AbortSignal) => Promise<void>
  readonly log: Logger
  readonly metrics: Pick<GossipMetrics, 'dials' | 'dialFailures' | 'banned'>
}

/** Carries out the plan of whom to dial. */
export interface Dialler {
  start(): void
  /** Call when the last connection to a peer was closed. */
  lost(peerId: string): void
  /** Looks at the plan now: a peer was found. */
  wake(): void
  /** The settings have been read again: looks at the plan now, and reports what cannot be reached as if for the first time. */
  replan(): void
  stop(): Promise<void>
}

const NOT_CONNECTED = 'cannot connect to a peer of the settings, trying again until it works'
const NOT_TRIED = {
  banned: 'a peer of the settings is not dialled, because it or its address is banned: unban it, or take it out of the settings',
  'no-address': 'a peer of the settings is not dialled, because none of its addresses can be used: give one over TCP',
}

export function createDialler({ plan, connections, dial, log, metrics }: DiallerDeps): Dialler {
  const stopping = new AbortController()
  const running = new Set<Promise<void>>()
  /** Peers of the settings that could not be reached and were reported. */
  const missing = new Set<string>()
  let waking = new AbortController()
  let loop: Promise<void> | undefined

  const isKnown = ({ source }: Dial) => source === 'static' || source === 'bootstrap'

  async function carryOut(planned: Dial): Promise<void> {
    const { peerId, source: kind } = planned
    try {
      await dial(planned, stopping.signal)
      metrics.dials.inc({ kind, outcome: 'connected' })
      missing.delete(peerId)
      plan.connected(planned)
      log[isKnown(planned) ? 'info' : 'debug']({ peerId, kind }, 'connected to a peer')
    } catch (error) {
      if (stopping.signal.aborted) return
      const failure = dialFailure(error)
      metrics.dials.inc({ kind, outcome: 'failed' })
      metrics.dialFailures.inc({ kind, failure })
      plan.failed(planned, failure)
      const reason = error instanceof Error ? error.message : String(error)
      const level = isFirstFailure(planned) ? 'warn' : 'debug'
      log[level]({ peerId, kind, failure, reason }, isKnown(planned) ? NOT_CONNECTED : 'cannot connect to a peer')
    }
  }

  /** True once for a peer of the settings, until it is connected. */
  function isFirstFailure(planned: Dial): boolean {
    const isFirst = isKnown(planned) && !missing.has(planned.peerId)
    if (isFirst) missing.add(planned.peerId)
    return isFirst
  }

  function report(dial: SkippedDial): void {
    const { peerId, source: kind, addresses, reason } = dial
    metrics.dialFailures.inc({ kind, failure: reason })
    if (reason === 'banned') metrics.banned.inc({ stage: 'dial' })
    if (isFirstFailure(dial)) log.warn({ peerId, kind, addresses }, NOT_TRIED[reason])
  }

  async function look(): Promise<void> {
    while (!stopping.signal.aborted) {
      waking = new AbortController()
      const { dials, skipped, nextInMs } = plan.due(connections)
      skipped.forEach(report)
      for (const planned of dials) {
        const work = carryOut(planned).finally(() => {
          running.delete(work)
          wake()
        })
        running.add(work)
      }
      await sleep(nextInMs, waking.signal)
    }
  }

  function wake(): void {
    waking.abort()
  }

  return {
    start() {
      loop ??= look()
    },
    lost(peerId) {
      plan.lost(peerId)
      wake()
    },
    wake,
    replan() {
      missing.clear()
      wake()
    },
    async stop() {
      stopping.abort()
      wake()
      await Promise.all([loop, ...running])
    },
  }
}
