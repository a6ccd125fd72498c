import type { Logger } from 'pino'
import type { Clock } from '../lifecycle/clock.ts'
import { RareLog } from '../lifecycle/rare-log.ts'
import type { AdminMetrics } from '../telemetry/admin-metrics.ts'
import { KeyGate } from './key-gate.ts'

export interface CreateKeyGateDeps {
  readonly log: Logger
  readonly metrics: Pick<AdminMetrics, 'refused'>
  readonly clock: Pick<Clock, 'steady'>
}

/** The key gate of all doors together, so that guesses at one count at the others. What it refuses is counted, and logged rarely. */
export function createKeyGate({ key }: { key: string }, { log, metrics, clock }: CreateKeyGateDeps): { gate: KeyGate; stop(): void } {
  const refusals = new RareLog<string>(
    {},
    { say: (counts, from) => log.warn({ ...counts, from }, 'changes by HTTP were refused: no key, or a wrong one') },
  )
  const gate = new KeyGate(
    { key },
    {
      clock,
      onRefused(refusal, from) {
        metrics.refused.inc({ reason: refusal })
        refusals.count(refusal, from)
      },
    },
  )
  return { gate, stop: () => refusals.stop() }
}
