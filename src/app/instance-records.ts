import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import type { Settings } from '../config/settings.ts'
import type { EventLogView } from '../events/event-log-view.ts'
import { InstanceIdGuard } from '../events/instances/instance-id-guard.ts'
import { Pulse, pulseSentence } from '../events/instances/pulse.ts'
import { SYSTEM_CLOCK } from '../lifecycle/clock.ts'
import type { Health } from '../lifecycle/health.ts'
import { createInstanceIdMetrics, createPulseMetrics } from '../telemetry/flow-metrics.ts'

export interface PulseParts {
  readonly view: EventLogView
  readonly registry: Registry
  readonly health: Health
}

/** The age of the youngest instance record at each station of this process, in the metrics and as a line of `/readyz?verbose`. */
export function createPulse(settings: Settings, { view, registry, health }: PulseParts): Pulse {
  const isRelay = settings.roles.includes('relay')
  const pulse = new Pulse({ bridgeId: settings.bridge_id, hasOwnRecords: isRelay }, { clock: SYSTEM_CLOCK })
  if (isRelay) pulse.watch('event-log')
  pulse.watch('tail')
  if (settings.roles.includes('edge')) pulse.watch('websocket')
  pulse.follow(view)
  createPulseMetrics(registry, () => pulse.ages())
  health.note('pulse', () => pulseSentence(pulse.ages()))
  return pulse
}

export interface InstanceIdParts extends PulseParts {
  readonly log: Logger
}

/** Detects another process with our `instance_id`; follows the event log from before its start on. */
export function createInstanceIdGuard(
  { bridge_id: bridgeId, network, instance_id: instanceId }: Settings,
  startId: string,
  { view, registry, health, log }: InstanceIdParts,
): InstanceIdGuard {
  const guard = new InstanceIdGuard(
    { bridgeId, network, instanceId, startId },
    { health: health.part('instance id'), log, clock: SYSTEM_CLOCK },
  )
  guard.follow(view)
  createInstanceIdMetrics(registry, () => guard.isShared())
  return guard
}
