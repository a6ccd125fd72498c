import type { Registry } from 'prom-client'
import type { Settings } from '../config/settings.ts'
import { Pulse, pulseSentence } from '../events/instances/pulse.ts'
import type { Health } from '../lifecycle/health.ts'
import { createPulseMetrics } from '../telemetry/flow-metrics.ts'

export interface PulsePartDeps {
  readonly registry: Registry
  readonly health: Health
}

/** How old the youngest instance record is at each station of this process, in the metrics and as a line of `/readyz?verbose`. */
export function createPulse({ roles }: Pick<Settings, 'roles'>, { registry, health }: PulsePartDeps): Pulse {
  const pulse = new Pulse({ now: () => performance.now() })
  if (roles.includes('relay')) pulse.watch('log')
  pulse.watch('tail')
  if (roles.includes('edge')) pulse.watch('websocket')
  createPulseMetrics(registry, () => pulse.ages())
  health.note('pulse', () => pulseSentence(pulse.ages()))
  return pulse
}
