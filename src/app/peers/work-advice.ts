import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import type { Settings } from '../../config/settings.ts'
import { SYSTEM_CLOCK } from '../../lifecycle/clock.ts'
import type { Health } from '../../lifecycle/health.ts'
import { WorkAdvice } from '../../peers/chain/work-advice.ts'
import { createWorkMetrics } from '../../telemetry/flow-metrics.ts'

export interface WorkAdviceParts {
  readonly log: Logger
  readonly health: Health
  readonly registry: Registry
}

/** Says in log, metrics and `/readyz?verbose` when `min_block_work` may be too high. */
export function createWorkAdvice(settings: Settings, { log, health, registry }: WorkAdviceParts): WorkAdvice {
  const advice = new WorkAdvice(
    { minBlockWork: settings.min_block_work },
    { clock: SYSTEM_CLOCK, warn: (fields, sentence) => log.warn(fields, sentence) },
  )
  health.note('block work', () => advice.sentence())
  createWorkMetrics(registry, () => advice.seen())
  return advice
}
