import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import type { Settings } from '../config/settings.ts'
import type { EventLogView } from '../events/event-log-view.ts'
import { InstanceIdGuard } from '../events/instances/instance-id-guard.ts'
import { SYSTEM_CLOCK } from '../lifecycle/clock.ts'
import type { Health } from '../lifecycle/health.ts'
import { createInstanceIdMetrics } from '../telemetry/flow-metrics.ts'

export interface InstanceIdGuardParts {
  readonly view: EventLogView
  readonly registry: Registry
  readonly health: Health
  readonly log: Logger
}

/** Detects another process with our `instance_id`; follows the event log from before its start on. */
export function createInstanceIdGuard(
  { bridge_id: bridgeId, network, instance_id: instanceId }: Settings,
  startId: string,
  { view, registry, health, log }: InstanceIdGuardParts,
): InstanceIdGuard {
  const guard = new InstanceIdGuard(
    { bridgeId, network, instanceId, startId },
    { health: health.part('instance id'), log, clock: SYSTEM_CLOCK },
  )
  guard.follow(view)
  createInstanceIdMetrics(registry, () => guard.isShared())
  return guard
}
